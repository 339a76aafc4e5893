import { expect, test } from 'vitest';
import type { Area } from '$lib/bindings/Area';
import { bedSize, mostInset, spots, worstPoints } from './corners';

const area = (min: [number, number], max: [number, number]): Area => ({
  min: [...min, 0],
  max: [...max, 250],
});

test('the bed begins at 0, whatever way there is before it, unless 0 is in its middle', () => {
  expect(bedSize(area([-5, -12], [235, 220]))).toEqual({ min: [0, 0], max: [235, 220] });
  expect(bedSize(area([-100, -100], [100, 100]))).toEqual({ min: [-100, -100], max: [100, 100] });
  expect(bedSize(area([0, 0], [0, 220])), 'no size at all').toBeNull();
  expect(bedSize(null)).toBeNull();
});

test('four points lie within the bed, in the order that one goes round, and the middle last', () => {
  const bed = { min: [0, 0] as [number, number], max: [220, 200] as [number, number] };
  expect(spots(bed, 30).map(({ name, x, y }) => [name, x, y])).toEqual([
    ['Front left', 30, 30],
    ['Front right', 190, 30],
    ['Back right', 190, 170],
    ['Back left', 30, 170],
    ['Middle', 110, 100],
  ]);
  for (const { x, y } of spots(bed, mostInset(bed))) {
    expect(x > 0 && x < 220 && y > 0 && y < 200).toBe(true);
  }
});

test('a round bed has no corners: its points lie on the axes', () => {
  const round = { min: [-100, -100] as [number, number], max: [100, 100] as [number, number] };
  expect(spots(round, 30).map(({ name, x, y }) => [name, x, y])).toEqual([
    ['Front', 0, -70],
    ['Right', 70, 0],
    ['Back', 0, 70],
    ['Left', -70, 0],
    ['Middle', 0, 0],
  ]);
});

test('the worst points of a mesh have names', () => {
  const rows = [
    [-0.1, 0, 0.05, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, null, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 0.02, 0, 0.2],
  ];
  const worst = worstPoints({ rows });
  expect([worst?.low.name, worst?.low.mm]).toEqual(['front left', -0.1]);
  expect([worst?.high.name, worst?.high.row, worst?.high.column]).toEqual(['back right', 4, 4]);
  const at = (row: number, column: number) => {
    const flat = Array.from({ length: 3 }, (_, y) =>
      Array.from({ length: 3 }, (__, x) => (y === row && x === column ? 1 : 0)),
    );
    return worstPoints({ rows: flat })?.high.name;
  };
  expect([at(0, 1), at(1, 0), at(1, 1), at(2, 1), at(1, 2)]).toEqual([
    'front',
    'left',
    'middle',
    'back',
    'right',
  ]);
  expect(worstPoints({ rows: [[null]] })).toBeNull();
});
