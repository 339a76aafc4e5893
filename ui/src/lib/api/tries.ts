import type { Client } from './client';
import type { TryView } from '$lib/bindings/TryView';

export type { TryView };
export type { Stand } from '$lib/bindings/Stand';
export type { TryPoint } from '$lib/bindings/TryPoint';

export const beginTry = (
  client: Client,
  files: readonly File[],
  every: number,
  onprogress: (part: number) => void,
) => {
  const form = new FormData();
  form.set('every', String(every));
  for (const file of files) form.append('file', file, file.name);
  return client.http.upload<TryView>('vigil/try/', form, onprogress);
};
export const showTry = (client: Client, id: number, from: number) =>
  client.http.get<TryView>(`vigil/try/${id}/`, { from });
export const dropTry = (client: Client, id: number) => client.http.remove(`vigil/try/${id}/`);
export const tryPicture = (client: Client, id: number, n: number) =>
  client.http.bytes(`vigil/try/${id}/frames/${n}.jpg`);
