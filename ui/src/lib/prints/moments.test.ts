import { describe, expect, test } from 'vitest';
import type { PrintHeat, PrintLooks } from '$lib/api/past';
import {
  boxesAt,
  broken,
  heatAt,
  LEFT,
  nearest,
  nextPeak,
  ofLayer,
  peaks,
  placeAt,
  RIGHT,
  riskAt,
  secsAt,
  stamp,
  whereAt,
  xOf,
  zoneOf,
} from './moments';
import { exportName, filmName } from './filmName';
import { firstOpen, nextOpen } from './shots';
import { withTags } from './tags';

describe('from a time to what was so then', () => {
  const t = [0, 10, 20, 40];
  test.each([
    [-5, 0, 0],
    [9, 0, 1],
    [10, 1, 1],
    [14, 1, 1],
    [16, 1, 2],
    [31, 2, 3],
    [999, 3, 3],
  ])('%i s: the last is %i, the nearest %i', (secs, last, near) => {
    expect([placeAt(t, secs), nearest(t, secs)]).toEqual([last, near]);
  });
  test('nothing kept is nowhere', () => expect([placeAt([], 3), nearest([], 3)]).toEqual([-1, -1]));

  test('layers are counted from 1 for people; what is not known stays so', () => {
    const frames = { layer: [null, 0, 6], line: [null, 12, 90] };
    expect(whereAt(frames, 0)).toEqual({ layer: null, line: null });
    expect(whereAt(frames, 2)).toEqual({ layer: 7, line: 90 });
    expect(whereAt(frames, -1)).toEqual({ layer: null, line: null });
  });

  test('heat of the nearest sample; a heater that is not there has none', () => {
    const heat: PrintHeat = { t: [0, 10], heaters: { bed: { actual: [20, 60], target: [60, null] } } };
    expect(heatAt(heat, 'bed', 7)).toEqual({ actual: 60, target: null });
    expect(heatAt(heat, 'tool0', 7)).toEqual({ actual: null, target: null });
    expect(heatAt(null, 'bed', 7)).toEqual({ actual: null, target: null });
  });

  test('boxes are those of the picture itself, else of a look close to it', () => {
    const box = (x: number) => [{ class: 'failure', confidence: 0.9, area: { x, y: 0, w: 1, h: 1 } }];
    const looks: PrintLooks = {
      frame: [5, 9],
      t: [10, 50],
      boxes: [box(1), box(2)],
      level: [],
      line: [],
      layer: [],
    };
    expect(boxesAt(looks, 9, 10)).toEqual(box(2));
    expect(boxesAt(looks, 6, 11)).toEqual(box(1));
    expect(boxesAt(looks, 6, 30)).toEqual([]);
    expect(boxesAt(null, 9, 10)).toEqual([]);
  });

  test('the risk is not known where nobody looked', () => {
    const curve = { t: [0, 10, 300], gauge: [0.1, 0.5, 0.9] };
    expect([riskAt(curve, 12), riskAt(curve, 290), riskAt(curve, 150)]).toEqual([0.5, 0.9, null]);
    expect([zoneOf(null), zoneOf(0.2), zoneOf(0.5), zoneOf(0.9)]).toEqual([null, 'fine', 'alert', 'pause']);
  });
});

describe('peaks', () => {
  const t = Array.from({ length: 300 }, (_, i) => i);
  const hill = (at: number, high: number) => t.map((s) => high * Math.exp(-(((s - at) / 10) ** 2)));
  const gauge = hill(50, 0.5).map((v, i) => v + (hill(200, 0.9)[i] ?? 0) + (hill(215, 0.4)[i] ?? 0));
  test('each hill once, at its top; noise is none', () => {
    const [first, second, ...rest] = peaks(t, gauge);
    expect(first).toBe(50);
    expect(Math.abs((second ?? 0) - 200)).toBeLessThan(4);
    expect(rest).toEqual([]);
    expect(peaks(t, hill(100, 0.15))).toEqual([]);
  });
  test('one goes to the next, or back', () => {
    expect(nextPeak([50, 200], 50, 'on')).toBe(200);
    expect(nextPeak([50, 200], 200, 'back')).toBe(50);
    expect(nextPeak([50, 200], 200, 'on')).toBeNull();
    expect(nextPeak([50, 200], 10, 'back')).toBeNull();
  });
});

describe('the axis', () => {
  test('a press goes to the time that stands there', () => {
    for (const secs of [0, 1, 333, 1000])
      expect(secsAt(xOf(secs, 1000, 640), 1000, 640)).toBeCloseTo(secs, 6);
    expect(secsAt(0, 1000, 640)).toBe(0);
    expect(secsAt(9999, 1000, 640)).toBe(1000);
    expect([xOf(0, 1000, 640), xOf(1000, 1000, 640)]).toEqual([LEFT, 640 - RIGHT]);
  });
  test('a line is broken where nothing was noted for long, and nowhere else', () => {
    const [times, values] = broken([0, 1, 2, 100, 101], [[5, 6, 7, 8, 9]]);
    expect(values).toEqual([5, 6, 7, null, 8, 9]);
    expect(times).toHaveLength(6);
    expect(broken([0, 20, 40], [[1, 2, 3]])[1]).toEqual([1, 2, 3]);
    expect(broken([], [[]])).toEqual([[], []]);
  });
  test.each([
    [0, '0:00'],
    [32.9, '0:32'],
    [600, '10:00'],
    [3727, '1:02:07'],
  ])('%d s are %s', (secs, text) => expect(stamp(secs)).toBe(text));
});

test('names of saved things say what they are', () => {
  const print = { filename: 'my/../part.gcode', started_at: '2026-11-20T10:00:00Z' };
  expect(filmName(print, 'tagged')).toBe('my-part-2026-11-20-detective.mp4');
  expect(exportName(print, 'zip')).toBe('my-part-2026-11-20.zip');
});

test('tags are words, each once, not too many', () => {
  expect(withTags(['PETG'], ' petg, gift ,, a  b ')).toEqual(['PETG', 'gift', 'a b']);
  expect(withTags([], Array.from({ length: 40 }, (_, i) => `t${i}`).join())).toHaveLength(20);
  expect(withTags([], 'x'.repeat(99))[0]).toHaveLength(40);
});

test('pictures are answered one after the other, those passed over at the end', () => {
  const shots = (...said: boolean[]) => said.map((s) => ({ answered_at: s ? 'x' : null }));
  expect(firstOpen(shots(true, false, false))).toBe(1);
  expect(firstOpen(shots(true, true))).toBe(0);
  expect(nextOpen(shots(false, true, false), 1)).toBe(2);
  expect(nextOpen(shots(false, true, true), 2)).toBe(0);
  expect(nextOpen(shots(true, true), 1)).toBeNull();
});

test('a layer is shown by its last picture, or that of a lower one', () => {
  const layers = [null, 0, 0, 1, 4, 4, 7];
  expect([0, 1, 3, 4, 99].map((wanted) => ofLayer(layers, wanted))).toEqual([2, 3, 3, 5, 6]);
  expect(ofLayer([null, 3], 1)).toBe(-1);
  expect(ofLayer([], 1)).toBe(-1);
});
