import type { WatchCurve } from '$lib/api/watch';
import type { WatchGap } from '$lib/bindings/WatchGap';
import type { Decision } from '$lib/bindings/Decision';
import type { Reasons } from '$lib/bindings/Reasons';
import { clamp } from '$lib/format/numbers';
import { span, unix } from '$lib/format/time';

/** The time a chart covers, Unix seconds. */
export interface Stretch {
  from: number;
  to: number;
}

/** From the start of the print to its end, or to the last look when it has none. */
export function stretch(started: number, ended: number | null, curve: WatchCurve): Stretch {
  const last = started + (curve.t.at(-1) ?? 0);
  return { from: started, to: Math.max(ended ?? last, last, started + 1) };
}

/** The place of a time in a chart of `width`. */
export function place(secs: number, on: Stretch, width: number): number {
  return clamp(((secs - on.from) / (on.to - on.from)) * width, 0, width);
}

/** A line through values of 0 to 1, top is 1. Where nobody looked for long, the line is broken. */
export function path(
  t: readonly number[],
  values: readonly number[],
  on: Stretch,
  width: number,
  height: number,
): string {
  const steps = t
    .slice(1)
    .map((secs, i) => secs - (t[i] ?? secs))
    .sort((a, b) => a - b);
  // The middle one: a single long gap must not make itself usual.
  const longest = Math.max((steps[Math.floor(steps.length / 2)] ?? 0) * 8, 30);
  let text = '';
  let before: number | null = null;
  t.forEach((secs, i) => {
    const value = values[i];
    if (value === undefined || !Number.isFinite(value)) return;
    const joined = before !== null && secs - before <= longest;
    const x = place(on.from + secs, on, width).toFixed(1);
    text += `${joined ? 'L' : 'M'}${x},${((1 - clamp(value, 0, 1)) * height).toFixed(1)}`;
    before = secs;
  });
  return text;
}

/** Times to be written below a chart, evenly spread, its ends among them. */
export function tickTimes(on: Stretch, width: number): number[] {
  const count = Math.max(2, Math.floor(width / 130));
  return Array.from({ length: count }, (_, i) => on.from + ((on.to - on.from) * i) / (count - 1));
}

/** Looks of a print from before scores were kept: only their gauge is known. Unix seconds and 0 to 1. */
export function gaugeOnly(points: readonly [number, number][], started: number): WatchCurve {
  return {
    t: points.map(([at]) => at - started),
    p: [],
    counted: [],
    gauge: points.map(([, risk]) => risk),
    scale: '',
  };
}

/** Gaps as parts of the chart's width, in percent. */
export function gapParts(
  gaps: readonly WatchGap[],
  on: Stretch,
): { left: number; width: number; gap: WatchGap }[] {
  return gaps.flatMap((gap) => {
    const from = unix(gap.from);
    const to = unix(gap.to);
    if (from === null || to === null || to <= from) return [];
    const left = place(from, on, 100);
    // A short one must still be seen.
    const width = Math.max(place(to, on, 100) - left, 0.4);
    return [{ left, width, gap }];
  });
}

/** Why a decision was made, in sentences, told afterwards. */
export function decisionWords(decision: Pick<Decision, 'paused' | 'reasons'>): string[] {
  const r: Reasons = decision.reasons;
  const above = decision.paused ? r.pause_above : r.warn_above;
  const words = [
    `The level was ${apart(r.level, above)}; it ${decision.paused ? 'pauses' : 'alerts'} above ${apart(above, r.level)}.`,
  ];
  if (r.for_secs >= 1) words.unshift(`Something had looked failed for ${span(r.for_secs)}.`);
  if (r.place) words.push(`The strongest detection was ${whereWords(r.place)}.`);
  return words;
}

/** A level, with as many digits as tell it from the other one. */
function apart(level: number, other: number): string {
  const digits = [2, 3, 4].find((n) => level.toFixed(n) !== other.toFixed(n)) ?? 2;
  return level.toFixed(digits);
}

/** A place of the picture for people: "at the bottom left". */
export function whereWords(at: { x: number; y: number; w: number; h: number }): string {
  const third = (v: number, words: readonly [string, string, string]) =>
    words[v < 1 / 3 ? 0 : v > 2 / 3 ? 2 : 1];
  const across = third(at.x + at.w / 2, ['left', '', 'right']);
  const down = third(at.y + at.h / 2, ['at the top', '', 'at the bottom']);
  if (!across && !down) return 'in the middle of the picture';
  if (!down) return `on the ${across}`;
  return across ? `${down} ${across}` : down;
}
