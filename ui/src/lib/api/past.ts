import type { PrintShotFeedback } from '$lib/bindings/PrintShotFeedback';
import type { ShotAnswer } from '$lib/bindings/ShotAnswer';
import type { Client } from './client';
import type { PrintFrames } from '$lib/bindings/PrintFrames';
import type { PrintLooks } from '$lib/bindings/PrintLooks';
import type { PrintHeat } from '$lib/bindings/PrintHeat';
import type { PrintPatch } from '$lib/bindings/PrintPatch';

export type { PrintFrames, PrintLooks, PrintHeat, PrintPatch };

export const printFrames = (client: Client, print: number) =>
  client.http.get<PrintFrames>(`vigil/prints/${print}/frames/`);
export const printLooks = (client: Client, print: number) =>
  client.http.get<PrintLooks>(`vigil/prints/${print}/looks/`);
export const printHeat = (client: Client, print: number) =>
  client.http.get<PrintHeat>(`vigil/prints/${print}/temperatures/`);
export const patchPrint = (client: Client, print: number, patch: PrintPatch) =>
  client.http.patch<unknown>(`prints/${print}/`, patch);
export const removePrint = (client: Client, print: number, keep: 'record' | 'nothing') =>
  client.http.send('DELETE', `prints/${print}/`, undefined, { keep_record: keep === 'record' });
/** The core erases no more at once. */
const MOST_ERASED = 500;
export async function removePrints(
  client: Client,
  ids: readonly number[],
  keep: 'record' | 'nothing',
): Promise<void> {
  for (let at = 0; at < ids.length; at += MOST_ERASED) {
    const print_ids = ids.slice(at, at + MOST_ERASED);
    await client.http.post<unknown>('prints/bulk_delete/', { print_ids, keep_record: keep === 'record' });
  }
}
export const allTags = (client: Client) => client.http.get<string[]>('vigil/prints/tags/');
export const shots = (client: Client, print: number) =>
  client.http.get<PrintShotFeedback[]>('printshotfeedbacks/', { print_id: print });
export const answerShot = (client: Client, print: number, shot: number, answer: ShotAnswer) =>
  client.http.send('PUT', `printshotfeedbacks/${shot}/`, { answer }, { print_id: print });
