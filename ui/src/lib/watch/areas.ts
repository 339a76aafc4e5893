import type { IgnoreArea } from '$lib/bindings/IgnoreArea';
import type { Place } from '$lib/bindings/Place';
import { clamp } from '$lib/format/numbers';

/** A whole picture is so many thousandths wide and high. */
export const WHOLE = 1000;
/** A camera has at most so many ignored areas. */
export const MOST_AREAS = 16;
/** Smaller ones cannot be seen or hit. */
export const SMALLEST = 20;

/** A point of the picture, in thousandths. */
export interface Point {
  x: number;
  y: number;
}

/** What a drag takes hold of: the whole area, or one of its corners. */
export type Grip = 'move' | 'nw' | 'ne' | 'sw' | 'se';
export const CORNERS: readonly Exclude<Grip, 'move'>[] = ['nw', 'ne', 'sw', 'se'];

/** The area inside the picture, whole thousandths, no smaller than can be hit. */
export function fitted(area: IgnoreArea): IgnoreArea {
  const w = Math.round(clamp(area.w, SMALLEST, WHOLE));
  const h = Math.round(clamp(area.h, SMALLEST, WHOLE));
  return {
    x: Math.round(clamp(area.x, 0, WHOLE - w)),
    y: Math.round(clamp(area.y, 0, WHOLE - h)),
    w,
    h,
  };
}

/** The area between two corners, in whichever direction it was drawn. */
export function between(a: Point, b: Point): IgnoreArea {
  const x = [a.x, b.x].map((v) => clamp(v, 0, WHOLE)).sort((m, n) => m - n);
  const y = [a.y, b.y].map((v) => clamp(v, 0, WHOLE)).sort((m, n) => m - n);
  const [left = 0, right = 0] = x;
  const [top = 0, bottom = 0] = y;
  return fitted({ x: left, y: top, w: right - left, h: bottom - top });
}

/** A press that hardly moved is a click, not a new area. */
export function drawn(a: Point, b: Point): boolean {
  return Math.abs(a.x - b.x) >= SMALLEST && Math.abs(a.y - b.y) >= SMALLEST;
}

export function moved(area: IgnoreArea, by: Point): IgnoreArea {
  return fitted({ ...area, x: area.x + by.x, y: area.y + by.y });
}

/** Drags a corner; the opposite one stays where it is. */
export function dragged(area: IgnoreArea, grip: Grip, by: Point): IgnoreArea {
  if (grip === 'move') return moved(area, by);
  const west = grip === 'nw' || grip === 'sw';
  const north = grip === 'nw' || grip === 'ne';
  const fixed = { x: west ? area.x + area.w : area.x, y: north ? area.y + area.h : area.y };
  // A corner that is dragged past the other one stops before it, so that the other does not wander.
  const free = {
    x: west
      ? Math.min(area.x + by.x, fixed.x - SMALLEST)
      : Math.max(fixed.x + area.w + by.x, fixed.x + SMALLEST),
    y: north
      ? Math.min(area.y + by.y, fixed.y - SMALLEST)
      : Math.max(fixed.y + area.h + by.y, fixed.y + SMALLEST),
  };
  return between(fixed, free);
}

/** How an area changes by a key: arrows move it, with Shift they change its size. `null`: not ours. */
export function byKey(area: IgnoreArea, key: string, shift: boolean): IgnoreArea | null {
  const step = 10;
  const by: Record<string, Point> = {
    ArrowLeft: { x: -step, y: 0 },
    ArrowRight: { x: step, y: 0 },
    ArrowUp: { x: 0, y: -step },
    ArrowDown: { x: 0, y: step },
  };
  const point = by[key];
  if (!point) return null;
  return shift ? dragged(area, 'se', point) : moved(area, point);
}

/** The spot of an alert as an area, with a margin: what stands there wobbles. */
export function ofPlace(place: Place, margin = 0.02): IgnoreArea {
  const a = { x: (place.x - margin) * WHOLE, y: (place.y - margin) * WHOLE };
  const b = { x: (place.x + place.w + margin) * WHOLE, y: (place.y + place.h + margin) * WHOLE };
  return between(a, b);
}

/** Where a new area begins that is added by key: the middle of the picture. */
export const middle = (): IgnoreArea => ({ x: 400, y: 400, w: 200, h: 200 });

/** Thousandths as percent of the picture, for people: "40 % from the left, 12 % from the top, …". */
export function areaWords(area: IgnoreArea): string {
  const pc = (v: number) => `${Math.round(v / 10)} %`;
  return `${pc(area.x)} from the left, ${pc(area.y)} from the top, ${pc(area.w)} wide, ${pc(area.h)} high`;
}

/** Share of the picture that all areas cover together, 0 to 1; overlaps count once. */
export function covered(areas: readonly IgnoreArea[]): number {
  const cuts = (at: (a: IgnoreArea) => number, size: (a: IgnoreArea) => number) =>
    [...new Set(areas.flatMap((a) => [at(a), at(a) + size(a)]))].sort((m, n) => m - n);
  const xs = cuts(
    (a) => a.x,
    (a) => a.w,
  );
  const ys = cuts(
    (a) => a.y,
    (a) => a.h,
  );
  let sum = 0;
  for (let i = 1; i < xs.length; i++) {
    for (let j = 1; j < ys.length; j++) {
      const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = [xs[i - 1], xs[i], ys[j - 1], ys[j]];
      const inside = areas.some((a) => a.x <= x0 && x1 <= a.x + a.w && a.y <= y0 && y1 <= a.y + a.h);
      if (inside) sum += (x1 - x0) * (y1 - y0);
    }
  }
  return sum / (WHOLE * WHOLE);
}

export function same(a: readonly IgnoreArea[], b: readonly IgnoreArea[]): boolean {
  return (
    a.length === b.length &&
    a.every((area, i) => {
      const other = b[i];
      return other && area.x === other.x && area.y === other.y && area.w === other.w && area.h === other.h;
    })
  );
}
