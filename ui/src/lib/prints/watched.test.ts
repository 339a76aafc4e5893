import { describe, expect, test } from 'vitest';
import type { Reasons } from '$lib/bindings/Reasons';
import type { WatchGap } from '$lib/bindings/WatchGap';
import { decisionWords, gapParts, gaugeOnly, path, place, stretch, tickTimes, whereWords } from './watched';

const curve = { t: [0, 50, 100], p: [0, 0, 0], counted: [0, 0, 0], gauge: [0.1, 0.2, 0.3], scale: '' };
const iso = (secs: number) => new Date(secs * 1000).toISOString();
const gap = (from: number, to: number) => ({ from: iso(from), to: iso(to), why: 'x' }) as WatchGap;

describe('the chart of a print', () => {
  test('covers the print, or its looks when it has no end', () => {
    expect(stretch(1000, 1200, curve)).toEqual({ from: 1000, to: 1200 });
    expect(stretch(1000, null, curve)).toEqual({ from: 1000, to: 1100 });
    expect(stretch(1000, 1000, { t: [], p: [], counted: [], gauge: [], scale: '' }).to).toBeGreaterThan(1000);
  });
  test('places stay in it', () => {
    const on = { from: 1000, to: 2000 };
    expect([place(900, on, 100), place(1250, on, 100), place(9999, on, 100)]).toEqual([0, 25, 100]);
  });
  test('the line is broken where nobody looked', () => {
    const t = [0, 1, 2, 500, 501];
    const drawn = path(t, [0, 0.5, 1, 1, 0], { from: 0, to: 1000 }, 1000, 10);
    expect(drawn).toBe('M0.0,10.0L1.0,5.0L2.0,0.0M500.0,0.0L501.0,10.0');
  });
  test('gaps are parts of it, the shortest still to be seen; nonsense is none', () => {
    const on = { from: 1000, to: 2000 };
    const parts = gapParts([gap(1100, 1300), gap(1500, 1500.1), gap(1700, 1600)], on);
    expect(parts).toHaveLength(2);
    expect([parts[0]?.left, parts[0]?.width]).toEqual([10, 20]);
    expect(parts[1]?.width).toBeGreaterThan(0.3);
  });
  test('ticks begin and end with it; older prints have only a gauge', () => {
    expect(tickTimes({ from: 0, to: 100 }, 390)).toEqual([0, 50, 100]);
    expect(gaugeOnly([[1010, 0.4]], 1000)).toEqual({ t: [10], p: [], counted: [], gauge: [0.4], scale: '' });
  });
});

test('why it was decided, afterwards', () => {
  const reasons = {
    level: 0.52,
    warn_above: 0.38,
    pause_above: 0.67,
    for_secs: 40,
    place: { x: 0.05, y: 0.8, w: 0.1, h: 0.1 },
  } as Reasons;
  expect(decisionWords({ paused: false, reasons })).toEqual([
    'Something had looked failed for 40 s.',
    'The level was 0.52; it alerts above 0.38.',
    'The strongest detection was at the bottom left.',
  ]);
  expect(decisionWords({ paused: true, reasons: { ...reasons, for_secs: 0, place: null } })).toEqual([
    'The level was 0.52; it pauses above 0.67.',
  ]);
  const close = { ...reasons, level: 0.3838, for_secs: 0, place: null };
  expect(decisionWords({ paused: false, reasons: close })).toEqual([
    'The level was 0.384; it alerts above 0.380.',
  ]);
  expect(whereWords({ x: 0.4, y: 0.4, w: 0.2, h: 0.2 })).toBe('in the middle of the picture');
  expect(whereWords({ x: 0.8, y: 0.4, w: 0.2, h: 0.2 })).toBe('on the right');
});
