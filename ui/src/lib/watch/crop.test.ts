import { expect, test } from 'vitest';
import { ALL, cropWithin, tooSmall } from './crop';

test('what is drawn on a picture that is cut already is cut out of what is left of it', () => {
  const part = { x: 100, y: 200, w: 800, h: 500 };
  expect(cropWithin(ALL, part)).toEqual(part);
  const half = { x: 500, y: 0, w: 500, h: 1000 };
  expect(cropWithin(half, part)).toEqual({ x: 550, y: 200, w: 400, h: 500 });
  expect(cropWithin(half, ALL)).toEqual(half);
  expect(tooSmall(cropWithin({ x: 0, y: 0, w: 150, h: 150 }, part))).toBe(true);
});
