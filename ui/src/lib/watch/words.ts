import type { PrinterKind } from '$lib/bindings/PrinterKind';
import type { PrinterState } from '$lib/bindings/PrinterState';
import type { Reasons } from '$lib/bindings/Reasons';
import type { Rule } from '$lib/bindings/Rule';
import type { Tally } from '$lib/bindings/Tally';
import type { Truth } from '$lib/bindings/Truth';
import { span } from '$lib/format/time';
import { counted } from '$lib/format/numbers';

/** The two rules, each in two lines. */
export const RULES: readonly { value: Rule; text: string; lines: readonly [string, string] }[] = [
  {
    value: 'printvigil',
    text: 'Printvigil',
    lines: [
      'Judges place by place: what was there before the print or only passes by does not count.',
      'May alert after the first minute, and again later in the same print.',
    ],
  },
  {
    value: 'obico',
    text: 'Obico',
    lines: [
      'Decides as an Obico server does: one analysis every 10 seconds, the whole picture as one number.',
      'Never alerts in the first 5 minutes. Learns what is usual for the printer, over many hours.',
    ],
  },
];

/** A part of what the model saw, and why it did not count. */
export interface NotCounted {
  kind: 'counted' | 'ignored' | 'known' | 'passing';
  text: string;
  /** Percent of what looked failed. */
  percent: number;
}

/**
 * What became of all that looked failed in a look. Each share is of the whole, so they make 100 % together,
 * but for rounding. Empty when nothing looked failed at all.
 */
export function notCounted(reasons: Reasons): NotCounted[] {
  if (reasons.p < 0.02) return [];
  const percent = (share: number) => Math.round(share * 100);
  const rest = Math.max(0, 1 - reasons.ignored - reasons.known - reasons.passing);
  const all: NotCounted[] = [
    {
      kind: 'counted',
      text: reasons.rule === 'obico' ? 'It counts' : 'Stays in its place: it counts',
      percent: percent(rest),
    },
    { kind: 'ignored', text: 'In an area that you ignore', percent: percent(reasons.ignored) },
    { kind: 'known', text: 'Was there before the print', percent: percent(reasons.known) },
    { kind: 'passing', text: 'Moves on, as the head does', percent: percent(reasons.passing) },
  ];
  return all.filter((part) => part.percent > 0);
}

/** `Watched 1 h 58 min of 2 h 01 min` */
export function coverageWords(watched: number, printing: number): string {
  if (printing < 1) return 'Nothing was printed yet.';
  return watched >= printing - 1
    ? `Watched all the time, ${span(printing)}`
    : `Watched ${span(Math.min(watched, printing))} of ${span(printing)}`;
}

/** `An analysis every second`, `An analysis every 4 s` */
export function everyWords(secs: number): string {
  if (!(secs > 0)) return '';
  if (secs < 0.95) return `${(1 / secs).toFixed(1)} analyses a second`;
  const round = secs < 10 ? Math.round(secs * 10) / 10 : Math.round(secs);
  return round === 1 ? 'An analysis every second' : `An analysis every ${round} s`;
}

/** How many areas of the picture do not count. */
export function ignoredWords(count: number): string {
  if (count === 0) return 'The whole picture counts.';
  return count === 1 ? 'One area of the picture is ignored.' : `${count} areas of the picture are ignored.`;
}

/** Time constant of the mean that both rules compare, seconds. */
const MEAN_SECS = 59.9;
/** Both alert above this level on a print that usually looks clean. */
const LOW = 0.38;
/** Obico's rule looks no more often, seconds. */
const OBICO_EVERY = 10;

/** Seconds until a failure that gives `p` from now on is noticed; `null`: never. */
export function noticedAfter(p: number, sensitivity: number, threshold: number, rule: Rule): number | null {
  const share = (LOW * (rule === 'obico' ? 1 : threshold)) / (p * sensitivity);
  if (share >= 1) return null;
  const secs = -MEAN_SECS * Math.log(1 - share);
  return rule === 'obico' ? Math.ceil(secs / OBICO_EVERY) * OBICO_EVERY : secs;
}

/** What a setting means without any history: "A plain failure is noticed after about 28 s, …" */
export function noticedWords(sensitivity: number, threshold: number, rule: Rule): string {
  const plain = noticedAfter(1, sensitivity, threshold, rule);
  const faint = noticedAfter(0.5, sensitivity, threshold, rule);
  const about = (secs: number) => `about ${Math.max(1, Math.round(secs))} s`;
  if (plain === null) return 'Only a very plain failure would be noticed.';
  const first = `A plain failure is noticed after ${about(plain)}`;
  return faint === null
    ? `${first}, a faint one not at all.`
    : `${first}, a faint one after ${about(faint)}.`;
}

export function truthWord(truth: Truth): string {
  switch (truth) {
    case 'failed':
      return 'Failed';
    case 'good':
      return 'Good';
    case 'unknown':
      return 'Not known';
  }
}

/** When a print would have been alerted: "after 12 min, paused after 13 min", "no alert". */
export function alertWords(alert: number | null, pause: number | null): string {
  if (alert === null && pause === null) return 'No alert';
  if (alert === null) return `Paused after ${span(pause)}`;
  return pause === null
    ? `After ${span(alert)}`
    : pause - alert < 1
      ? `Paused after ${span(pause)}`
      : `After ${span(alert)}, paused after ${span(pause)}`;
}

/** "4 of 4 failures caught, 3 false alarms in 12 good prints" */
export function tallyWords(tally: Tally): string {
  const alarms = counted(tally.false_alarms, 'false alarm');
  const good = counted(tally.good, 'good print');
  const caught =
    tally.failed === 0 ? 'No failed print is known' : `${tally.caught} of ${tally.failed} failures caught`;
  return `${caught}, ${alarms} in ${good}`;
}

/** A factor on the thresholds, for people. */
export function thresholdWords(threshold: number): string {
  const percent = Math.round((threshold - 1) * 100);
  if (percent === 0) return 'default';
  return percent > 0 ? `${percent} % calmer than default` : `${-percent} % keener than default`;
}

/** What will happen in a fire drill; only a demo print is ever paused by one. */
export function drillWords(kind: PrinterKind, state: PrinterState): string {
  const first =
    'A sample picture of a failure is shown to failure detection, beside those of your camera. It must see it and tell you; that takes about a minute.';
  if (kind !== 'demo') {
    return `${first} Only the alert is rehearsed: the printer gets no order and nothing moves.`;
  }
  return state === 'printing'
    ? `${first} Then it pauses the demo print; you resume it when you like.`
    : `${first} Start a print on the demo printer first if you want to see it pause, too.`;
}
