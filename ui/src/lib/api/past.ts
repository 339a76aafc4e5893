import type { Detection } from '$lib/bindings/Detection';
import type { FilmStep } from '$lib/bindings/FilmStep';
import type { PrintShotFeedback } from '$lib/bindings/PrintShotFeedback';
import type { PrintView } from '$lib/bindings/PrintView';
import type { ShotAnswer } from '$lib/bindings/ShotAnswer';
import type { Client } from './client';

/** What a print has besides Obico's fields; older cores send less. */
export interface PrintMore {
  notes: string;
  tags: string[];
  kept: boolean;
  media_bytes: number;
  num_frames: number;
  pictures_dropped_at: string | null;
  /** Share of the printing that was watched, 0 to 1. */
  watched: number | null;
  alerts: number;
  film: { state: FilmStep | null; why: string | null };
}

const NOTHING: PrintMore = {
  notes: '',
  tags: [],
  kept: false,
  media_bytes: 0,
  num_frames: 0,
  pictures_dropped_at: null,
  watched: null,
  alerts: 0,
  film: { state: null, why: null },
};

export const more = (print: PrintView): PrintMore => ({ ...NOTHING, ...(print.vigil as object) });

/** The kept pictures of a print, oldest first, column by column. */
export interface PrintFrames {
  /** Seconds since the start. */
  t: number[];
  id: number[];
  /** Line of the file, from 1. */
  line: (number | null)[];
  /** From 0. */
  layer: (number | null)[];
  why: string[];
  /** Where the pictures are. */
  url: string[];
  width: number | null;
  height: number | null;
}

/** What the watch saw, look by look. */
export interface PrintLooks {
  frame: number[];
  t: number[];
  boxes: Detection[][];
  /** The gauge, 0 to 1. */
  level: number[];
  line: (number | null)[];
  layer: (number | null)[];
}

export interface PrintHeat {
  t: number[];
  heaters: Partial<Record<string, { actual: (number | null)[]; target: (number | null)[] }>>;
}

export interface PrintPatch {
  alert_overwrite?: PrintView['alert_overwrite'];
  access_consented_at?: string | null;
  filament_used?: number;
  print_time?: number;
  notes?: string;
  tags?: string[];
  kept?: boolean;
}

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
