import { expect, test } from 'vitest';
import type { TryResult } from '$lib/api/types';
import { trialWords } from '$lib/wizard/trial';
import { filmName } from './filmName';
import { readCurve } from './predictions';

test('the record of looks is read; rows that say nothing are left out', () => {
  const rows = [
    { fields: { updated_at: '1970-01-01T00:01:40.000000Z', normalized_p: 0.25 } },
    { fields: { updated_at: 'never', normalized_p: 0.5 } },
    { fields: { updated_at: '1970-01-01T00:02:00Z' } },
    null,
  ];
  expect(readCurve(rows)).toEqual([[100, 0.25]]);
  expect(readCurve({})).toEqual([]);
});

test.each([
  ['boat.gcode', 'boat-2026-11-22.mp4'],
  ['../a b/ü (1).gcode', 'a-b-ü-1-2026-11-22.mp4'],
  ['.gcode', 'print-2026-11-22.mp4'],
])('a film of %s is saved as %s', (filename, name) => {
  expect(filmName({ filename, started_at: '2026-11-22T10:00:00Z' })).toBe(name);
});

test('a try says what its boxes say: there is one threshold for both', () => {
  const box = { class: 'failure', confidence: 0.69, area: { x: 1, y: 2, w: 3, h: 4 } };
  const result = (probability: number, boxes: TryResult['boxes']) =>
    ({ probability, boxes, total_ms: 61 }) as unknown as TryResult;
  expect(trialWords('failing', result(0.93, [box])).mark).toBe('ok');
  expect(trialWords('failing', result(0.1, [])).head).toBe('Missed it.');
  expect(trialWords('good', result(0.3, [box])).head, 'a box is drawn').toBe('A false alarm.');
  expect(trialWords('good', result(0.02, [])).mark).toBe('ok');
  expect(trialWords('camera', result(0.3, [box])).mark).toBe('attention');
  expect(trialWords('camera', result(0.3, [])).mark).toBe('ok');
});
