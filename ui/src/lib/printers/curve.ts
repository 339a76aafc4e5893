import { clamp } from '$lib/format/numbers';

export interface Curve {
  path: string;
  x: (secs: number) => number;
  /** The time at a place, Unix seconds. */
  at: (x: number) => number;
  ticks: number[];
  /** Seconds from the first look to the last. */
  long: number;
}

/** The risk, 0 to 1, as a line in a box of `width` x `height`. A gap of looks is a gap of the line. */
export function curve(points: readonly (readonly [number, number])[], width: number, height: number): Curve {
  const first = points[0]?.[0] ?? 0;
  const last = points.at(-1)?.[0] ?? first;
  const long = Math.max(last - first, 1);
  const x = (secs: number) => clamp(((secs - first) / long) * width, 0, width);
  const steps = points.slice(1).map((p, i) => p[0] - (points[i]?.[0] ?? p[0]));
  // The middle one: a single long gap must not make itself usual.
  const usual = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? long;
  let path = '';
  let before: number | null = null;
  for (const [secs, risk] of points) {
    const joined = before !== null && secs - before <= Math.max(usual * 8, 30);
    const y = (1 - clamp(risk, 0, 1)) * (height - 3) + 1.5;
    path += `${joined ? 'L' : 'M'}${x(secs).toFixed(1)},${y.toFixed(1)}`;
    before = secs;
  }
  const count = points.length < 2 ? 0 : Math.max(2, Math.floor(width / 150));
  const ticks = Array.from({ length: count }, (_, i) => first + (long * i) / (count - 1));
  const at = (place: number) => first + (clamp(place, 0, width) / Math.max(width, 1)) * long;
  return { path, x, at, ticks, long };
}
