import type { Stats } from '$lib/api/history';
import { weight } from '$lib/spools/words';

/** What prints are parted by. */
export type By = 'ended' | 'reason' | 'material' | 'spool' | 'printer';

export const BREAKDOWNS: readonly { value: By; text: string }[] = [
  { value: 'ended', text: 'How they ended' },
  { value: 'reason', text: 'Your reasons' },
  { value: 'material', text: 'Material' },
  { value: 'spool', text: 'Spool' },
  { value: 'printer', text: 'Printer' },
];

export interface Row {
  key: string;
  name: string;
  count: number;
  finished: number;
  /** `86 %` of them finished. */
  part: string;
  /** For people who look closer. */
  words: string;
}

function row(key: string, name: string, prints: number, finished: number, grams: number | null): Row {
  const words = [`${finished} of ${prints} finished`, grams ? weight(grams) : ''].filter(Boolean).join(', ');
  const part = prints > 0 ? `${Math.round((100 * finished) / prints)} %` : '–';
  return { key, name, count: prints, finished, part, words };
}

/** The bars of a chart, the longest first. */
export function breakdown(stats: Stats, by: By, nameOf: (printer: number) => string): Row[] {
  switch (by) {
    case 'ended':
      return stats.failures.map((one) => row(one.why, one.why, one.count, 0, null));
    case 'reason':
      return stats.reasons.map((one) => row(one.name, one.name, one.prints, one.finished, one.grams));
    case 'material':
      return stats.materials.map((one) => row(one.name, one.name, one.prints, one.finished, one.grams));
    case 'spool':
      return stats.spools.map((one) => row(String(one.spool), one.name, one.prints, one.finished, one.grams));
    case 'printer':
      return stats.printers
        .map((one) => row(String(one.printer), nameOf(one.printer), one.prints, one.finished, null))
        .sort((a, b) => b.count - a.count);
  }
}
