import { describe, expect, test } from 'vitest';
import type { AlertView } from '$lib/bindings/AlertView';
import type { Can } from '$lib/bindings/Can';
import type { HaltCause } from '$lib/bindings/HaltCause';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { VigilView } from '$lib/bindings/VigilView';
import type { WatchView } from '$lib/bindings/WatchView';
import { answers, cardOf } from './answers';
import { heatOf, lastHeat, mayBeHot } from './heaters';
import { linkWords } from './link';
import { resumable } from './recovery';
import { summary } from './checklist';
import { curve } from './curve';
import { strip } from './minute';
import { levelWords } from './why';

const printer = (can: Partial<Can>) => ({ vigil: { can, bed_off_at: null } }) as unknown as PrinterView;

describe('answers', () => {
  test('the same answer has the same place, and so the same key, before and after the pause', () => {
    const can = { resume: true, pause: true, cancel: true };
    const before = answers(printer(can), { paused: false } as AlertView);
    const after = answers(printer(can), { paused: true } as AlertView);
    const meaning = { cancel: 'failure', fine: 'fine', resume: 'fine', pause: 'not sure', keep: 'not sure' };
    expect(before.map((a) => meaning[a.kind])).toEqual(['failure', 'fine', 'not sure']);
    expect(after.map((a) => meaning[a.kind])).toEqual(['failure', 'fine', 'not sure']);
  });

  test('another alert, a pause or another possible answer is another card; a new view of the same is not', () => {
    const alert = { paused: false, frame: 7, text: 'a' } as AlertView;
    const able = printer({ resume: false, cancel: true, pause: true });
    const name = cardOf(able, alert);
    expect(cardOf(able, { ...alert, text: 'b' })).toBe(name);
    expect(cardOf(able, { ...alert, paused: true })).not.toBe(name);
    expect(cardOf(able, { ...alert, frame: 8 })).not.toBe(name);
    expect(cardOf(printer({ resume: false, cancel: false, pause: true }), alert)).not.toBe(name);
  });

  test('after a pause: focus on keeping it paused', () => {
    const list = answers(printer({ resume: true, cancel: true }), { paused: true } as AlertView);
    expect(list.map((a) => a.kind)).toEqual(['cancel', 'resume', 'keep']);
    expect(list.filter((a) => a.safe).map((a) => a.kind)).toEqual(['keep']);
    expect(list.every((a) => a.possible)).toBe(true);
  });

  test('until the printer confirmed, only keeping it paused is possible', () => {
    const list = answers(printer({ resume: false, cancel: false }), { paused: true } as AlertView);
    expect(list.filter((a) => a.possible).map((a) => a.kind)).toEqual(['keep']);
  });

  test('after a mere alert the print goes on unless paused or cancelled', () => {
    const list = answers(printer({ pause: true, cancel: true }), { paused: false } as AlertView);
    expect(list.map((a) => a.kind)).toEqual(['cancel', 'fine', 'pause']);
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
  const watch = { warn_above: 0.4, pause_above: 0.7, boxes: [] } as unknown as WatchView;
  const words = [0.1, 0.3, 0.55, 0.9].map((level) => levelWords({ ...watch, level }));
  expect(words[0]).toContain('Nothing looks failed');
  expect(words[2]).toContain('50 % of the way to a pause');
  expect(words[3]).toContain('enough to pause');
  expect(new Set(words).size).toBe(4);
  const boxes = [{ class: 'failure', confidence: 0.69, area: { x: 1, y: 1, w: 9, h: 9 } }];
  const beside = levelWords({ ...watch, level: 0.1, boxes });
  expect(beside).toContain('69 %');
  expect(beside).not.toContain('Nothing looks failed');
});

describe('temperatures that are not known', () => {
  const t = { actual: 60, target: 60, offset: 0 };
  const at = (kind: string, heat: object, temperatures = {}) =>
    ({ status: { _ts: 36_600, temperatures }, vigil: { link: { kind }, heat } }) as unknown as PrinterView;
  const known = { known: true, told_at: null, may_be_on: false };
  const old = { known: false, told_at: '1970-01-01T10:10:00Z', may_be_on: true };

  test('only what a living core knows of an open link is of now', () => {
    const now = heatOf(at('up', known, { bed: t }), true);
    expect(now).toMatchObject({ known: true, now: { bed: t }, mayBeOn: false });
    for (const kind of ['lost', 'halted', 'closed', 'opening'])
      expect(heatOf(at(kind, known, { bed: t }), true).now, kind).toEqual({});
    expect(heatOf(at('up', old, { bed: t }), true)).toEqual({
      known: false,
      now: {},
      last: { bed: t },
      at: 36_600,
      mayBeOn: true,
    });
  });
  test('when the core falls silent, what it told last is old, and the heat may still be on', () => {
    expect(heatOf(at('up', known, { bed: t }), false)).toEqual({
      known: false,
      now: {},
      last: { bed: t },
      at: 36_600,
      mayBeOn: true,
    });
  });
  test('the last one is told with its time, and nothing known is no zero', () => {
    expect(lastHeat(60, 36_600)).toBe('Last 60.0° at 10:10:00');
    expect(lastHeat(undefined, 36_600)).toBe('Not reported');
  });
  test('a target or heat means that it may be hot', () => {
    const cold = { actual: 21, target: 0, offset: 0 };
    expect(mayBeHot([cold, undefined])).toBe(false);
    expect(mayBeHot([{ ...cold, target: 60 }])).toBe(true);
    expect(mayBeHot([cold, { ...cold, actual: 180 }])).toBe(true);
  });
});

test('a halt is told by its cause, with one full stop', () => {
  const words = (cause: HaltCause, text: string) =>
    linkWords({ link: { kind: 'halted', cause, text } } as unknown as VigilView);
  expect(words('firmware', 'Printer halted..')).toBe(
    'The printer stopped. Printer halted. Find the cause, switch it off and on, then connect.',
  );
  expect(words('emergency_stop', '')).toBe('You pressed STOP. Switch the printer off and on, then connect.');
  expect(words('emergency_unanswered', '')).toContain('nothing shows that the printer heard it');
  for (const cause of ['emergency_stop', 'emergency_unanswered'] as const)
    expect(words(cause, ''), 'a person stopped it').not.toContain('itself');
});

test('a print that laid nothing down cannot be resumed', () => {
  expect([0, null, 0.2].map((z_mm) => resumable({ z_mm }))).toEqual([false, false, true]);
});
