import type { PrinterView } from '$lib/bindings/PrinterView';
import type { Temperature } from '$lib/bindings/Temperature';
import { degrees } from '$lib/format/numbers';
import { exact, unix } from '$lib/format/time';

/** The heaters that are set from the page. */
export type HeaterName = 'tool0' | 'bed';

/** The hottest that is set without a question, degrees Celsius. */
export const MOST_C: Record<HeaterName, number> = { tool0: 300, bed: 120 };

/** What is known of the heaters. A value that is not of now is never among `now`. */
export interface Heat {
  known: boolean;
  now: Partial<Record<string, Temperature>>;
  /** What they last were. */
  last: Partial<Record<string, Temperature>>;
  /** When the printer last told them, Unix seconds. */
  at: number | null;
  /** They are not known, and were on or hot when they last were. */
  mayBeOn: boolean;
}

/** The core says whether it knows the temperatures; while it is silent itself, nothing of it is of now. */
export function heatOf(printer: PrinterView, connected: boolean | null): Heat {
  const { status, vigil } = printer;
  const { heat } = vigil;
  const known = connected !== false && vigil.link.kind === 'up' && heat.known;
  if (known) return { known, now: status.temperatures, last: status.temperatures, at: null, mayBeOn: false };
  // While the core knew them, its silence is what makes them old.
  const at = heat.known ? (status._ts > 0 ? status._ts : null) : unix(heat.told_at);
  const mayBeOn = heat.known ? mayBeHot(Object.values(status.temperatures)) : heat.may_be_on;
  return { known, now: {}, last: status.temperatures, at, mayBeOn };
}

/** Whether a heater may still be hot or on, going by the last that was heard of it. */
export function mayBeHot(all: readonly (Temperature | undefined)[]): boolean {
  return all.some((t) => t !== undefined && ((t.target ?? 0) > 0 || t.actual >= 50));
}

/** `Last 60.0° at 14:32:10`: never shown as if it were of now. */
export function lastHeat(actual: number | null | undefined, at: number | null): string {
  if (actual === null || actual === undefined) return 'Not reported';
  return at === null ? `Last ${degrees(actual, 1)}` : `Last ${degrees(actual, 1)} at ${exact(at)}`;
}
