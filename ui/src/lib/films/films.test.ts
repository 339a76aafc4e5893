import { expect, test } from 'vitest';
import type { FilmStep } from '$lib/bindings/FilmStep';
import { isTriable } from '$lib/tries/tries';
import { filmWords, underWay } from './words';

const STEPS: readonly (FilmStep | null)[] = [
  null,
  'waiting',
  'making',
  'analysing',
  'made',
  'too_short',
  'cancelled',
  'failed',
];

test('each state of a film has words of its own, and only a made one is green', () => {
  const words = STEPS.map((state) => filmWords({ state, why: null, position_in_queue: null }));
  expect(new Set(words.map((w) => w.text)).size).toBe(STEPS.length);
  expect(words.filter((w) => w.mark === 'ok')).toHaveLength(1);
});

test('the reason is told, and how many come before it', () => {
  const failed = filmWords({ state: 'failed', why: 'The disk was full.', position_in_queue: null });
  expect(failed.text).toContain('The disk was full.');
  expect(filmWords({ state: 'waiting', why: null, position_in_queue: 2 }).text).toContain('2');
});

test('what is under way is asked for again, what is over is not', () => {
  expect(STEPS.filter((state) => underWay({ state }))).toEqual(['waiting', 'making', 'analysing']);
});

test('a film is known by its ending', () => {
  expect(['a.mp4', 'A.MP4', 'a.gcode', 'mp4', 'a.mp4.gcode'].map((name) => isTriable(name))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
