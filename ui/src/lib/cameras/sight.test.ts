import { expect, test } from 'vitest';
import { closerAt, sightWords, tangle } from './sight';

const sight = (smallest: number | null) => ({
  input: [640, 640] as [number, number],
  parts: true,
  smallest,
});

test('the tangle stays in its circle and is the same each time', () => {
  const line = tangle();
  expect(line.length).toBeGreaterThan(50);
  expect(Math.max(...line.map((p) => Math.max(Math.abs(p.x), Math.abs(p.y))))).toBeLessThanOrEqual(1);
  expect(tangle()).toEqual(line);
});

test('a closer view stays inside the picture', () => {
  expect(closerAt({ x: 0.5, y: 0.5 })).toEqual({ x: 0.25, y: 0.25 });
  expect(closerAt({ x: 0.02, y: 0.99 })).toEqual({ x: 0, y: 0.5 });
});

test('the size is said in the words of the picture, and what is not known is said, too', () => {
  expect(sightWords(sight(0.15)).head).toContain('15 % of the picture’s width');
  expect(sightWords(sight(0.15)).text).toContain('Move the camera closer');
  expect(sightWords(sight(null)).head).toContain('does not tell');
});
