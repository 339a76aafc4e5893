import type { PrintView } from '$lib/bindings/PrintView';
import { outcome } from '$lib/format/words';

export interface Totals {
  count: number;
  finished: number;
  failed: number;
  secs: number;
}

/** Sums of the prints that are shown. Failed: what a person said, or what was interrupted. */
export function totals(prints: readonly PrintView[]): Totals {
  const sum: Totals = { count: prints.length, finished: 0, failed: 0, secs: 0 };
  for (const print of prints) {
    const { word } = outcome(print);
    if (word === 'Finished') sum.finished++;
    if (word === 'Failed' || word === 'Interrupted') sum.failed++;
    sum.secs += print.print_time ?? 0;
  }
  return sum;
}
