import type { Detection } from '$lib/bindings/Detection';
import type { GaugeZone } from '$lib/bindings/GaugeZone';
import type { Client } from './client';

/** Where a rule stands after a look. */
export interface Stand {
  gauge: number;
  verdict: GaugeZone;
}

/** One look at what is tried. */
export interface TryPoint {
  n: number;
  seconds: number;
  name: string;
  p: number;
  score: number;
  boxes: Detection[];
  frame_size: [number, number];
  printvigil: Stand;
  obico: Stand;
}

export interface TryView {
  id: number;
  state: 'running' | 'finished' | 'failed';
  done: number;
  total: number;
  points: TryPoint[];
  skipped: string[];
  num_skipped: number;
  fault: string | null;
}

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
