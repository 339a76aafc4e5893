import type { PrinterView } from '$lib/bindings/PrinterView';
import { watchWords } from '$lib/format/words';
import type { DotState } from '$lib/bindings/DotState';
import { span } from '$lib/format/time';

/** A look that is this old says nothing of now, seconds; longer where looks are far apart. */
const OLD_SECS = 10;

export interface LookState {
  /** What is shown of the detection is of now. */
  known: boolean;
  text: string;
  mark: DotState;
}

/** What the detection says now: by the age of its last look, not by a flag that was set once. */
export function lookState(
  printer: PrinterView,
  ageSecs: number | null,
  connected: boolean | null,
): LookState {
  const watch = printer.vigil.watch;
  if (connected === false) return { known: false, text: 'Not known', mark: 'unknown' };
  const between = watch.every_secs / Math.max(printer.vigil.clock_scale, 1);
  if (watch.watching && ageSecs !== null && ageSecs > Math.max(OLD_SECS, between * 4)) {
    return { known: false, text: `No analysis for ${span(ageSecs)}`, mark: 'unknown' };
  }
  return { known: watch.watching, ...watchWords(watch) };
}
