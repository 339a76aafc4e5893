import { describe, expect, test } from 'vitest';
import type { AlertView } from '$lib/bindings/AlertView';
import type { Can } from '$lib/bindings/Can';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { WatchView } from '$lib/bindings/WatchView';
import { answers } from './answers';
import { summary } from './checklist';
import { curve } from './curve';
import { strip } from './minute';
import { levelWords } from './why';

const printer = (can: Partial<Can>) => ({ vigil: { can, bed_off_at: null } }) as unknown as PrinterView;

describe('answers', () => {
  test('after a pause: fixed order, focus on keeping it paused', () => {
    const list = answers(printer({ resume: true, cancel: true }), { paused: true } as AlertView);
    expect(list.map((a) => a.kind)).toEqual(['resume', 'cancel', 'keep']);
    expect(list.filter((a) => a.safe).map((a) => a.kind)).toEqual(['keep']);
    expect(list.every((a) => a.possible)).toBe(true);
  });

  test('until the printer confirmed, only keeping it paused is possible', () => {
    const list = answers(printer({ resume: false, cancel: false }), { paused: true } as AlertView);
    expect(list.filter((a) => a.possible).map((a) => a.kind)).toEqual(['keep']);
  });

  test('after a mere alert the print goes on unless paused or cancelled', () => {
    const list = answers(printer({ pause: true, cancel: true }), { paused: false } as AlertView);
    expect(list.map((a) => a.kind)).toEqual(['fine', 'pause', 'cancel']);
    expect(list.filter((a) => a.safe).map((a) => a.kind)).toEqual(['pause']);
  });
});

describe('checklist', () => {
  const all = { up: true, canStart: true, file: true, bedClear: true };
  test('starts only when everything is checked', () => {
    expect(summary(all).ready).toBe(true);
    for (const missing of ['up', 'file', 'bedClear', 'canStart'] as const) {
      expect(summary({ ...all, [missing]: false }).ready, missing).toBe(false);
    }
  });
  test('says what comes first', () => {
    expect(summary({ ...all, file: false, bedClear: false })).toEqual({
      ready: false,
      head: '2 things to check, then print.',
      first: 'Choose a file first',
    });
  });
});

describe('the minute before', () => {
  test('frames are spread, the one that decided comes last, none twice', () => {
    const before = Array.from({ length: 30 }, (_, i) => i + 1);
    const frames = strip({ before, frame: 31 }, 6);
    expect(frames).toHaveLength(6);
    expect(frames[0]).toEqual({ id: 1, label: '−60 s' });
    expect(frames.at(-1)?.id).toBe(31);
    expect(new Set(frames.map((f) => f.id)).size).toBe(6);
  });
  test('few frames are shown as they are', () => {
    expect(strip({ before: [], frame: 5 }, 6)).toEqual([{ id: 5, label: '0 s' }]);
    expect(strip({ before: [4, 5], frame: 5 }, 6).map((f) => f.id)).toEqual([4, 5]);
  });
});

describe('curve', () => {
  const points: [number, number][] = [
    [0, 0],
    [10, 0.5],
    [20, 1],
  ];
  test('goes from left to right, high risk on top, and back from place to time', () => {
    const { path, x, at } = curve(points, 200, 63);
    expect(path).toBe('M0.0,61.5L100.0,31.5L200.0,1.5');
    expect(x(20)).toBe(200);
    expect(at(100)).toBe(10);
  });
  test('a gap of looks is a gap of the line', () => {
    const gap = curve([...points, [2000, 0.2], [2010, 0.2]], 200, 63).path;
    expect(gap.match(/M/g)).toHaveLength(2);
  });
  test('nothing is drawn of nothing', () => {
    expect(curve([], 200, 63)).toMatchObject({ path: '', ticks: [] });
  });
});

test('the level is told against its own thresholds', () => {
  const watch = { warn_above: 0.4, pause_above: 0.7 } as WatchView;
  const words = [0.1, 0.3, 0.55, 0.9].map((level) => levelWords({ ...watch, level }));
  expect(words[0]).toContain('Nothing looks failed');
  expect(words[2]).toContain('50 % of the way to a pause');
  expect(words[3]).toContain('enough to pause');
  expect(new Set(words).size).toBe(4);
});
