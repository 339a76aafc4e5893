import type { Client } from './client';
import type { Query } from './http';

/** What is dropped by itself; `null`: never for this reason. */
export interface Retention {
  pictures_days: number | null;
  films_days: number | null;
  max_bytes: number | null;
  max_prints: number | null;
}

export interface StoredPrint {
  print: number;
  filename: string;
  started_at: string;
  kept: boolean;
  frame_bytes: number;
  other_bytes: number;
  num_frames: number;
}

export interface Storage {
  /** Not every disk tells. */
  free_bytes: number | null;
  total_bytes: number | null;
  /** Below it no more pictures are kept. */
  reserve_bytes?: number;
  database_bytes: number;
  copies_bytes: number;
  files_bytes: number;
  media_bytes: number;
  /** The largest first. */
  prints: StoredPrint[];
  retention: Retention;
}

export interface Tidy {
  prints: number;
  bytes: number;
}

export const storage = (client: Client, start: number, limit: number) =>
  client.http.get<Storage>('vigil/storage/', { start, limit });
export const setRetention = (client: Client, retention: Retention) =>
  client.http.send('PUT', 'vigil/storage/retention/', retention);
/** What the choices that are set would drop, or others before they are set. */
export const wouldTidy = (client: Client, retention?: Retention) => {
  const rules = Object.entries(retention ?? {}).map(([rule, value]) => [
    rule,
    (value as number | null) ?? undefined,
  ]);
  return client.http.get<Tidy>('vigil/storage/tidy/', Object.fromEntries(rules) as Query);
};
export const tidy = (client: Client) => client.http.post<Tidy>('vigil/storage/tidy/');
