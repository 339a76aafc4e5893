import type { Client } from './client';
import type { AllDeleted } from '$lib/bindings/AllDeleted';
import type { BroughtBack } from '$lib/bindings/BroughtBack';
import type { RemovedPrinter } from '$lib/bindings/RemovedPrinter';

export type { AllDeleted };
export type { Deleted } from '$lib/bindings/Deleted';

export type DeletedKind = keyof BroughtBack;

/** All that can be brought back, the last deleted first. */
export const deleted = (client: Client) => client.http.get<AllDeleted>('vigil/deleted/');
/** The printers that were removed and left a history, the last removed first. */
export const removedPrinters = (client: Client) =>
  client.http.get<RemovedPrinter[]>('vigil/printers/removed/');

/** Returns how many of each kind came back. */
export const bringBack = (client: Client, kind: DeletedKind, id: number) =>
  client.http.post<BroughtBack>('vigil/deleted/', { [kind]: [id] });
