import type { QueueAdd } from '$lib/bindings/QueueAdd';
import type { QueuePatch } from '$lib/bindings/QueuePatch';
import type { QueueStart } from '$lib/bindings/QueueStart';
import type { Client } from './client';
import type { Accepted } from './types';

const of = (printer: number) => `vigil/printers/${printer}/queue/`;

/** Puts a file at the end of a printer's queue. */
export const addToQueue = (client: Client, printer: number, add: QueueAdd) =>
  client.http.post<Accepted>(of(printer), add);
export const changeQueued = (client: Client, printer: number, item: number, change: QueuePatch) =>
  client.http.patch<Accepted>(`${of(printer)}${item}/`, change);
export const dropQueued = (client: Client, printer: number, item: number) =>
  client.http.remove(`${of(printer)}${item}/`);
/** Only after a person has looked at the bed. */
export const startQueued = (client: Client, printer: number, item: number, start: QueueStart) =>
  client.http.post<Accepted>(`${of(printer)}${item}/start/`, start);
