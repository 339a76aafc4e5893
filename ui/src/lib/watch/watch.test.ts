import { describe, expect, test } from 'vitest';
import type { Reasons } from '$lib/bindings/Reasons';
import { areaWords, between, byKey, covered, dragged, drawn, fitted, moved, ofPlace, same } from './areas';
import {
  alertWords,
  coverageWords,
  drillWords,
  everyWords,
  noticedAfter,
  noticedWords,
  notCounted,
  tallyWords,
} from './words';

describe('areas', () => {
  test('drawn in any direction, an area is the same', () => {
    const want = { x: 100, y: 200, w: 300, h: 400 };
    expect(between({ x: 100, y: 200 }, { x: 400, y: 600 })).toEqual(want);
    expect(between({ x: 400, y: 600 }, { x: 100, y: 200 })).toEqual(want);
    expect(between({ x: 400, y: 200 }, { x: 100, y: 600 })).toEqual(want);
  });
  test('no area leaves the picture, and none is too small to hit', () => {
    expect(between({ x: -50, y: 900 }, { x: 100, y: 1200 })).toEqual({ x: 0, y: 900, w: 100, h: 100 });
    expect(moved({ x: 900, y: 0, w: 100, h: 50 }, { x: 70, y: -70 })).toEqual({
      x: 900,
      y: 0,
      w: 100,
      h: 50,
    });
    expect(fitted({ x: 999, y: 5, w: 1, h: 2 })).toEqual({ x: 980, y: 5, w: 20, h: 20 });
  });
  test('a corner is dragged and the opposite one stays, even beyond it', () => {
    const area = { x: 300, y: 300, w: 200, h: 200 };
    expect(dragged(area, 'nw', { x: -100, y: 50 })).toEqual({ x: 200, y: 350, w: 300, h: 150 });
    expect(dragged(area, 'se', { x: 50, y: 60 })).toEqual({ x: 300, y: 300, w: 250, h: 260 });
    expect(dragged(area, 'se', { x: -900, y: 0 })).toEqual({ x: 300, y: 300, w: 20, h: 200 });
    expect(dragged(area, 'sw', { x: 900, y: 0 })).toEqual({ x: 480, y: 300, w: 20, h: 200 });
    expect(dragged(area, 'ne', { x: 900, y: -900 })).toEqual({ x: 300, y: 0, w: 700, h: 500 });
  });
  test('arrows move, with Shift they change the size; other keys are left alone', () => {
    const area = { x: 300, y: 300, w: 200, h: 200 };
    expect(byKey(area, 'ArrowLeft', false)?.x).toBe(290);
    expect(byKey(area, 'ArrowDown', true)?.h).toBe(210);
    expect(byKey(area, 'Tab', false)).toBeNull();
  });
  test('the spot of an alert gets a margin and stays in the picture', () => {
    expect(ofPlace({ x: 0.5, y: 0.5, w: 0.1, h: 0.2 })).toEqual({ x: 480, y: 480, w: 140, h: 240 });
    expect(ofPlace({ x: 0, y: 0.95, w: 0.05, h: 0.05 })).toEqual({ x: 0, y: 930, w: 70, h: 70 });
  });
  test('a click is no area', () => {
    expect(drawn({ x: 10, y: 10 }, { x: 14, y: 200 })).toBe(false);
    expect(drawn({ x: 10, y: 10 }, { x: 60, y: 60 })).toBe(true);
  });
  test('what two areas cover together counts once', () => {
    const half = { x: 0, y: 0, w: 500, h: 1000 };
    expect(covered([])).toBe(0);
    expect(covered([half, half])).toBeCloseTo(0.5);
    expect(covered([half, { x: 250, y: 0, w: 500, h: 500 }])).toBeCloseTo(0.625);
  });
  test('says where it is, and knows whether anything changed', () => {
    const area = { x: 404, y: 120, w: 200, h: 90 };
    expect(areaWords(area)).toBe('40 % from the left, 12 % from the top, 20 % wide, 9 % high');
    expect(same([area], [{ ...area }])).toBe(true);
    expect(same([area], [{ ...area, h: 91 }])).toBe(false);
    expect(same([area], [])).toBe(false);
  });
});

describe('words', () => {
  const reasons = { rule: 'printvigil', p: 1, ignored: 0.2, known: 0.5, passing: 0 } as Reasons;
  test('what did not count, and what is left of it', () => {
    expect(notCounted(reasons).map((n) => [n.kind, n.percent])).toEqual([
      ['counted', 30],
      ['ignored', 20],
      ['known', 50],
    ]);
    expect(notCounted({ ...reasons, p: 0 })).toEqual([]);
    const obico = { ...reasons, rule: 'obico', known: 0 } as Reasons;
    expect(notCounted(obico).map((n) => n.text)).toEqual(['It counts', 'In an area that you ignore']);
  });
  test('coverage, gaps or not', () => {
    expect(coverageWords(7080, 7260)).toBe('Watched 1 h 58 min of 2 h 01 min');
    expect(coverageWords(7260, 7260)).toBe('Watched all the time, 2 h 01 min');
    expect(coverageWords(0, 0)).toBe('Nothing was printed yet.');
  });
  test('how often it looks', () => {
    expect([everyWords(0), everyWords(0.5), everyWords(1), everyWords(4), everyWords(12.4)]).toEqual([
      '',
      '2.0 analyses a second',
      'An analysis every second',
      'An analysis every 4 s',
      'An analysis every 12 s',
    ]);
  });
  test('when a failure is noticed: keener is sooner, and never is said', () => {
    const at = (sensitivity: number, threshold = 1) =>
      noticedAfter(1, sensitivity, threshold, 'printvigil') ?? 0;
    expect(at(1)).toBeGreaterThan(27);
    expect(at(1)).toBeLessThan(30);
    expect(at(1.2)).toBeLessThan(at(1));
    expect(at(1, 1.5)).toBeGreaterThan(at(1));
    expect(noticedAfter(0.5, 0.8, 1.5, 'printvigil')).toBeNull();
    expect(noticedAfter(1, 1, 2, 'obico')).toBe(30);
    expect(noticedWords(1, 2, 'printvigil')).toMatch(/a faint one not at all/);
  });
  test('a drill says what it will do: only a demo print is ever paused', () => {
    expect(drillWords('serial', 'printing')).toMatch(/no order and nothing moves/);
    expect(drillWords('demo', 'printing')).toMatch(/pauses the demo print/);
    expect(drillWords('demo', 'operational')).toMatch(/Start a print/);
  });
  test('alerts of a print, and many prints', () => {
    expect(alertWords(null, null)).toBe('No alert');
    expect(alertWords(720, null)).toBe('After 12 min');
    expect(alertWords(720, 780)).toBe('After 12 min, paused after 13 min');
    expect(tallyWords({ false_alarms: 1, good: 12, caught: 4, failed: 4, unknown_alerts: 0 })).toBe(
      '4 of 4 failures caught, 1 false alarm in 12 good prints',
    );
    expect(tallyWords({ false_alarms: 0, good: 1, caught: 0, failed: 0, unknown_alerts: 0 })).toMatch(
      /^No failed/,
    );
  });
});
