import type { PrintFrames, PrintHeat, PrintLooks } from '$lib/api/past';
import type { WatchCurve } from '$lib/api/watch';
import type { Detection } from '$lib/bindings/Detection';
import type { GaugeZone } from '$lib/bindings/GaugeZone';
import { clamp } from '$lib/format/numbers';

/** The place of the last time that is not after `secs`; the first when all are. -1 when there is none. */
export function placeAt(t: readonly number[], secs: number): number {
  let low = 0;
  let high = t.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((t[middle] ?? Infinity) <= secs) low = middle;
    else high = middle - 1;
  }
  return high < 0 ? -1 : low;
}

/** The place of the time that lies nearest; -1 when there is none. */
export function nearest(t: readonly number[], secs: number): number {
  const at = placeAt(t, secs);
  const [here, next] = [t[at], t[at + 1]];
  if (here === undefined || next === undefined) return at;
  return Math.abs(next - secs) < Math.abs(secs - here) ? at + 1 : at;
}

/** A hill lower than this is the noise of a picture. */
const LOWEST = 0.2;
/** Hills nearer to each other than this are one. */
const APART = 30;

/** Times of the highest points of the risk, each hill once. */
export function peaks(t: readonly number[], gauge: readonly number[]): number[] {
  const tops: { at: number; risk: number }[] = [];
  t.forEach((at, i) => {
    const risk = gauge[i];
    if (risk === undefined || !(risk >= LOWEST)) return;
    if (risk < (gauge[i - 1] ?? 0) || risk < (gauge[i + 1] ?? 0)) return;
    const last = tops.at(-1);
    if (!last || at - last.at > APART) tops.push({ at, risk });
    else if (risk > last.risk) tops[tops.length - 1] = { at, risk };
  });
  return tops.map((top) => top.at);
}

/** The next peak after a time, or the one before it; `null` when there is none. */
export function nextPeak(all: readonly number[], secs: number, way: 'back' | 'on'): number | null {
  // Half a second: a peak that is shown already is not the next one.
  if (way === 'on') return all.find((at) => at > secs + 0.5) ?? null;
  return all.findLast((at) => at < secs - 0.5) ?? null;
}

/** What a heater had at a time, degrees. */
export function heatAt(
  heat: PrintHeat | null,
  heater: string,
  secs: number,
): { actual: number | null; target: number | null } {
  const of = heat?.heaters[heater];
  const at = heat ? nearest(heat.t, secs) : -1;
  return { actual: of?.actual[at] ?? null, target: of?.target[at] ?? null };
}

/** What the watch saw in a kept picture: its own look, or one close to it. */
export function boxesAt(looks: PrintLooks | null, frame: number | undefined, secs: number): Detection[] {
  if (!looks) return [];
  const own = frame === undefined ? -1 : looks.frame.indexOf(frame);
  const at = own >= 0 ? own : nearest(looks.t, secs);
  if (own < 0 && Math.abs((looks.t[at] ?? Infinity) - secs) > 2) return [];
  return looks.boxes[at] ?? [];
}

/** The risk at a time, 0 to 1; `null` where nobody looked. */
export function riskAt(curve: Pick<WatchCurve, 't' | 'gauge'>, secs: number): number | null {
  const at = nearest(curve.t, secs);
  const t = curve.t[at];
  return t === undefined || Math.abs(t - secs) > 60 ? null : (curve.gauge[at] ?? null);
}

export function zoneOf(risk: number | null): GaugeZone | null {
  if (risk === null) return null;
  return risk > 2 / 3 ? 'pause' : risk > 1 / 3 ? 'alert' : 'fine';
}

/** Layer, counted from 1, and line at a picture; `null` where it is not known. */
export function whereAt(
  frames: Pick<PrintFrames, 'layer' | 'line'>,
  at: number,
): { layer: number | null; line: number | null } {
  const layer = frames.layer[at] ?? null;
  return { layer: layer === null ? null : layer + 1, line: frames.line[at] ?? null };
}

/** The place of the last picture of a layer, from 0; the nearest lower one where it has none. -1: nothing. */
export function ofLayer(layers: readonly (number | null)[], wanted: number): number {
  let found = -1;
  layers.forEach((layer, at) => {
    if (layer !== null && layer <= wanted && layer >= (layers[found] ?? 0)) found = at;
  });
  return found;
}

/** Points and breaks: where nothing was noted for long, a `null` stands, so that no line is drawn there. */
export function broken(
  t: readonly number[],
  lines: readonly (readonly (number | null)[])[],
): [number[], ...(number | null)[][]] {
  const steps = t.slice(1).map((secs, i) => secs - (t[i] ?? secs));
  // The middle one: a single long gap must not make itself usual.
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const longest = Math.max(usual * 8, 30);
  const times: number[] = [];
  const values: (number | null)[][] = lines.map(() => []);
  t.forEach((secs, i) => {
    if (i > 0 && secs - (t[i - 1] ?? secs) > longest) {
      times.push((t[i - 1] ?? secs) + 0.001);
      values.forEach((line) => line.push(null));
    }
    times.push(secs);
    values.forEach((line, n) => line.push(lines[n]?.[i] ?? null));
  });
  return [times, ...values];
}

/** Room beside the curves, pixels: words to the left, a little air to the right. */
export const LEFT = 92;
export const RIGHT = 10;

/** Pixels from the left edge at which a time stands. */
export function xOf(secs: number, total: number, width: number): number {
  return LEFT + clamp(secs / Math.max(total, 1), 0, 1) * Math.max(width - LEFT - RIGHT, 1);
}

/** The time at a place of the curves. */
export function secsAt(x: number, total: number, width: number): number {
  return clamp((x - LEFT) / Math.max(width - LEFT - RIGHT, 1), 0, 1) * total;
}

/** `0:32`, `1:02:07`: how far a print was. */
export function stamp(secs: number): string {
  const s = Math.max(0, Math.floor(secs));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(s / 3600);
  const rest = `${hours > 0 ? two(Math.floor(s / 60) % 60) : Math.floor(s / 60)}:${two(s % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
