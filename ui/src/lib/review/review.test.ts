import { describe, expect, test } from 'vitest';
import type { ReviewItem } from '$lib/api/review';
import { answerWord, byDay, joined, keyOf, picked, stepped, titleOf, weekOf, whereIn } from './items';
import { pastAlert } from '$lib/prints/pastAlert';

const item = (over: Partial<ReviewItem> = {}): ReviewItem => ({
  kind: 'alert',
  print: 7,
  printer: 1,
  filename: 'boat.gcode',
  id: 12,
  frame: 12,
  at: '2026-11-18T10:00:00Z',
  until: '2026-11-18T10:00:00Z',
  started_at: '2026-11-18T09:00:00Z',
  level: 0.7,
  paused: true,
  layer: 54,
  line: 900,
  boxes: [],
  size: [1000, 500],
  reasons: null,
  image_url: '/media/x.jpg',
  evidence_url: null,
  answer: null,
  reviewed_at: null,
  why: null,
  demo: false,
  ...over,
});

describe('moving about the pictures', () => {
  test.each([
    [4, 'ArrowRight', 5],
    [0, 'ArrowLeft', 0],
    [1, 'ArrowDown', 4],
    [4, 'ArrowUp', 1],
    [1, 'ArrowUp', 1],
    [5, 'ArrowDown', 7],
    [7, 'ArrowDown', 7],
    [7, 'ArrowRight', 7],
    [3, 'Home', 0],
    [3, 'End', 7],
    [-1, 'ArrowRight', 0],
    [3, 'a', null],
  ])('from %i with %s to %s, of 8 in rows of 3', (at, key, to) => expect(stepped(at, 8, key, 3)).toBe(to));

  test('where nothing is there is nowhere to go', () => expect(stepped(0, 0, 'Home', 3)).toBeNull());
});

describe('choosing several', () => {
  const order = ['a', 'b', 'c', 'd'];
  test('one more, one less', () => {
    expect([...picked(order, new Set(['a']), 'a', 'c', 'one')]).toEqual(['a', 'c']);
    expect([...picked(order, new Set(['a', 'c']), 'c', 'a', 'one')]).toEqual(['c']);
  });
  test('a stretch in either direction keeps what was chosen', () => {
    expect([...picked(order, new Set(['a']), 'd', 'b', 'range')].sort()).toEqual(order);
    expect([...picked(order, new Set(), 'b', 'd', 'range')]).toEqual(['b', 'c', 'd']);
  });
  test('a stretch from nowhere is the one alone', () => {
    expect([...picked(order, new Set(), null, 'c', 'range')]).toEqual(['c']);
    expect([...picked(order, new Set(), 'gone', 'c', 'range')]).toEqual(['c']);
  });
});

test('what came twice is shown once', () => {
  const [one, two] = [item(), item({ id: 13 })];
  expect(joined([one], [item({ level: 0.1 }), two]).map(keyOf)).toEqual([keyOf(one), keyOf(two)]);
  expect(keyOf(item({ kind: 'gap', frame: null, id: 12 }))).not.toBe(keyOf(one));
});

test('a week is the seven days up to today, whatever the hour', () => {
  const { from, to } = weekOf(new Date(2026, 10, 22, 13), 0);
  expect([from, to]).toEqual([new Date(2026, 10, 16), new Date(2026, 10, 23)]);
  expect(weekOf(new Date(2026, 10, 22), 2).to).toEqual(new Date(2026, 10, 9));
});

test('each day of the week has its items, the latest day first', () => {
  const { from, to } = weekOf(new Date(2026, 10, 22), 0);
  const late = item({ at: new Date(2026, 10, 18, 23, 59).toISOString(), frame: 2 });
  const early = item({ at: new Date(2026, 10, 18, 0, 0).toISOString(), frame: 1 });
  const days = byDay([late, early, item({ at: new Date(2026, 10, 23).toISOString() })], from, to);
  expect(days.map((d) => d.items.length)).toEqual([0, 0, 0, 0, 2, 0, 0]);
  expect(days[4]?.items.map((i) => i.frame)).toEqual([1, 2]);
});

test('words say what it was, and what became of it', () => {
  expect(titleOf(item())).toContain('paused');
  expect(titleOf(item({ paused: false }))).not.toContain('paused');
  expect(titleOf(item({ kind: 'gap', at: '2026-11-18T10:00:00Z', until: '2026-11-18T10:09:00Z' }))).toBe(
    'Not watched · 9 min',
  );
  expect(answerWord(item()).text).toBe('New');
  expect(answerWord(item({ reviewed_at: 'x' })).text).toBe('Reviewed');
  expect(answerWord(item({ answer: 'failure' })).cls).toBe('danger');
  expect(whereIn({ filename: 'a.b.gcode.3mf', layer: 3 })).toBe('a.b, layer 4');
});

test('the spot to ignore is the surest box, in parts of the picture', () => {
  const box = (confidence: number, x: number) => ({
    class: 'failure',
    confidence,
    area: { x, y: 100, w: 200, h: 100 },
  });
  const alert = pastAlert(item({ boxes: [box(0.4, 0), box(0.9, 500)] }));
  expect(alert.place).toEqual({ x: 0.5, y: 0.2, w: 0.2, h: 0.2 });
  expect(pastAlert(item()).place).toBeNull();
});
