import type { Client } from './client';
import type { Query } from './http';
import type { Retention } from '$lib/bindings/Retention';
import type { Storage } from '$lib/bindings/Storage';
import type { Tidy } from '$lib/bindings/Tidy';

export type { Retention, Storage, Tidy };
export type { StoredPrint } from '$lib/bindings/StoredPrint';

export const storage = (client: Client, start: number, limit: number) =>
  client.http.get<Storage>('vigil/storage/', { start, limit });
export const setRetention = (client: Client, retention: Retention) =>
  client.http.send('PUT', 'vigil/storage/retention/', retention);
/** What the choices that are set would drop, or others before they are set. */
export const wouldTidy = (client: Client, retention?: Retention) => {
  const rules = Object.entries(retention ?? {}).map(([rule, value]) => [rule, value ?? undefined]);
  return client.http.get<Tidy>('vigil/storage/tidy/', Object.fromEntries(rules) as Query);
};
export const tidy = (client: Client) => client.http.post<Tidy>('vigil/storage/tidy/');
