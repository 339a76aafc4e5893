import type { Area } from '$lib/bindings/Area';
import type { Mesh } from '$lib/bindings/Mesh';

/** A point over which the bed is levelled, mm. */
export interface Spot {
  name: string;
  x: number;
  y: number;
  /** Where it stands on the picture of the bed: column and row of three. */
  cell: [1 | 2 | 3, 1 | 2 | 3];
}

/** What the bed takes up, mm. */
export interface BedSize {
  min: [number, number];
  max: [number, number];
}

/** The bed as the printer tells it. What lies left of 0 or in front of it is way, not bed, unless 0 is in the middle. */
export function bedSize(area: Area | null): BedSize | null {
  if (!area) return null;
  const [x0, y0] = area.min;
  const [x1, y1] = area.max;
  if (!(x1 - x0 > 1 && y1 - y0 > 1)) return null;
  const from = isRound(area) ? ([x0, y0] as const) : ([Math.max(0, x0), Math.max(0, y0)] as const);
  return { min: [...from], max: [x1, y1] };
}

/** 0 lies in the middle, as on printers with a round bed. */
function isRound({ min, max }: { min: readonly number[]; max: readonly number[] }): boolean {
  return [0, 1].every((axis) => {
    const [low, high] = [min[axis] ?? 0, max[axis] ?? 0];
    return low < -20 && Math.abs(low + high) < 0.1 * (high - low);
  });
}

/** The greatest distance from the edges that leaves the points apart, mm. */
export const mostInset = ({ min, max }: BedSize): number =>
  Math.floor(Math.min(max[0] - min[0], max[1] - min[1]) / 2.5);

/** Four points that far from the edges, in the order that one goes round them, and the middle. */
export function spots(bed: BedSize, inset: number): Spot[] {
  const [x0, y0] = [bed.min[0] + inset, bed.min[1] + inset];
  const [x1, y1] = [bed.max[0] - inset, bed.max[1] - inset];
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
  const middle: Spot = { name: 'Middle', x, y, cell: [2, 2] };
  if (isRound(bed))
    return [
      { name: 'Front', x, y: y0, cell: [2, 3] },
      { name: 'Right', x: x1, y, cell: [3, 2] },
      { name: 'Back', x, y: y1, cell: [2, 1] },
      { name: 'Left', x: x0, y, cell: [1, 2] },
      middle,
    ];
  return [
    { name: 'Front left', x: x0, y: y0, cell: [1, 3] },
    { name: 'Front right', x: x1, y: y0, cell: [3, 3] },
    { name: 'Back right', x: x1, y: y1, cell: [3, 1] },
    { name: 'Back left', x: x0, y: y1, cell: [1, 1] },
    middle,
  ];
}

/** A point of the mesh. */
export interface MeshPoint {
  row: number;
  column: number;
  mm: number;
  /** `front left`, by thirds of the bed. */
  name: string;
}

const third = (at: number, count: number, words: readonly [string, string, string]): string =>
  words[count < 2 ? 1 : Math.min(2, Math.floor((at / (count - 1)) * 2.999))] ?? '';

/** The lowest and the highest point of the bed; `null` when nothing was measured. */
export function worstPoints({ rows }: Mesh): { low: MeshPoint; high: MeshPoint } | null {
  const points = rows.flatMap((heights, row) =>
    heights.flatMap((mm, column): MeshPoint[] => {
      if (mm === null) return [];
      const deep = third(row, rows.length, ['front', '', 'back']);
      const across = third(column, heights.length, ['left', '', 'right']);
      return [{ row, column, mm, name: [deep, across].filter(Boolean).join(' ') || 'middle' }];
    }),
  );
  const [first] = points;
  if (!first) return null;
  return {
    low: points.reduce((low, point) => (point.mm < low.mm ? point : low), first),
    high: points.reduce((high, point) => (point.mm > high.mm ? point : high), first),
  };
}
