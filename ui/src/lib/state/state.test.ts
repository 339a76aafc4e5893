import { describe, expect, test } from 'vitest';
import type { PrinterView } from '$lib/bindings/PrinterView';
import { tokenOf } from '$lib/desktop';
import { isPlain, isShifted, isShortcut, isStop, type Pressed } from '$lib/components/keys';
import { readPlace } from './route.svelte';
import { columns, TemperatureLog } from './temperatures';
import { Toasts } from './toasts.svelte';

const key = (part: Partial<Pressed>): Pressed => ({
  key: '',
  code: '',
  ctrlKey: false,
  shiftKey: false,
  altKey: false,
  metaKey: false,
  ...part,
});

describe('keys', () => {
  test('STOP is Ctrl+Shift+E, by letter or by place', () => {
    expect(isStop(key({ key: 'E', code: 'KeyE', ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(isStop(key({ key: 'e', code: 'KeyD', ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(isStop(key({ key: 'e', code: 'KeyE', ctrlKey: true }))).toBe(false);
    expect(isStop(key({ key: 'E', code: 'KeyE', shiftKey: true }))).toBe(false);
  });

  test('other keys act only alone', () => {
    expect(isPlain(key({ key: 'p' }))).toBe(true);
    expect(isPlain(key({ key: 'p', ctrlKey: true }))).toBe(false);
  });
});

test('letters and figures can be switched off, arrows and Escape cannot; what moves the printer needs Shift', () => {
  for (const single of ['1', 't', '?', '/', '.'])
    expect([isShortcut(key({ key: single }), true), isShortcut(key({ key: single }), false)], single).toEqual(
      [true, false],
    );
  for (const other of ['ArrowLeft', 'Escape', 'Enter', ' '])
    expect(isShortcut(key({ key: other }), false), other).toBe(true);
  expect(isShifted(key({ key: 'p' }), 'p')).toBe(false);
  expect(isShifted(key({ key: 'P', shiftKey: true }), 'p')).toBe(true);
});

test.each([
  ['', 'print', null],
  ['#/review', 'review', null],
  ['#/history', 'history', null],
  ['#/history/12', 'history', 12],
  ['#/history/x', 'history', null],
  ['#/nowhere', 'print', null],
])('the address %j is the page %s', (hash, page, id) => expect(readPlace(hash)).toEqual({ page, id }));

test('the token is read from the address, and only there', () => {
  expect(tokenOf('#token=abc')).toBe('abc');
  expect(tokenOf('#/history/12')).toBeNull();
});

const view = (t: number, actual: number, target: number | null): PrinterView =>
  ({ status: { _ts: t, temperatures: { tool0: { actual, target, offset: 0 } } } }) as unknown as PrinterView;

describe('temperatures', () => {
  test('older or repeated statuses are dropped, the past is put before', () => {
    const log = new TemperatureLog();
    expect(log.add(view(100, 20, null))).toBe(true);
    expect(log.add(view(100, 21, null))).toBe(false);
    expect(log.add(view(99, 21, null))).toBe(false);
    log.fill([
      { t: 90, heaters: { tool0: [18, 0] } },
      { t: 100, heaters: { tool0: [19, 0] } },
    ]);
    expect(log.samples.map((s) => s.t)).toEqual([90, 100]);
    expect(log.samples[1]?.heaters['tool0']).toEqual([20, null]);
  });

  test('an hour is kept', () => {
    const log = new TemperatureLog();
    for (let t = 0; t < 9000; t += 10) log.add(view(t, 200, 205));
    expect(log.samples.length).toBeLessThan(420);
    expect(log.samples.at(-1)?.t).toBe(8990);
  });

  test('a target of 0 is off and draws no line', () => {
    const rows = columns(
      [
        { t: 1, heaters: { tool0: [20, 0] } },
        { t: 2, heaters: { tool0: [21, 200] } },
      ],
      ['tool0', 'bed'],
      600,
    );
    expect(rows).toEqual([
      [1, 2],
      [20, 21],
      [null, 200],
      [null, null],
      [null, null],
    ]);
  });
});

describe('toasts', () => {
  test('that nothing is seen of the first layers is amber, in its own words', () => {
    const toasts = new Toasts();
    const text = 'First layers: nothing new is seen on the bed for 3 minutes. Look at it.';
    const title = 'Printer: nothing new is seen on the bed';
    toasts.notice({ printer: 1, kind: 'first_layer', title, text, frame: 7, demo: false });
    expect(toasts.list).toMatchObject([{ mark: 'attention', title, text, rehearsal: false }]);
  });
});
