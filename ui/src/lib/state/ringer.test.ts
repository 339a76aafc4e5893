// What sounds, when it does not, and until when.
import { describe, expect, test, vi } from 'vitest';
import type { AlertSound } from '$lib/bindings/AlertSound';
import type { PrinterView } from '$lib/bindings/PrinterView';
import { shown } from '../../test/printers';
import type { Beeper } from './beeper';
import { isQuiet, Ringer, ringingOf } from './ringer.svelte';

const SOUND: AlertSound = { on: true, volume: 70, quiet: null, grave_in_quiet: true, remind_after_mins: 10 };
const NIGHT = { from: 22 * 60, until: 7 * 60 };
const at = (hours: number, minutes = 0): Date => new Date(2026, 0, 5, hours, minutes);
const hot: PrinterView['vigil']['alarms'][number] = {
  kind: 'hot',
  text: 'The nozzle is hot.',
  at: '2026-01-05T10:00:00Z',
  can_be_seen: false,
};

function ringer(printers: PrinterView[], sound: AlertSound = SOUND, ready = true) {
  const beeper = { able: true, ready: () => ready, beep: vi.fn(), allow: vi.fn() };
  const ringing = new Ringer(
    () => printers,
    () => sound,
    beeper as unknown as Beeper,
  );
  return { ringing, beep: beeper.beep };
}

test('an alert sounds again and again until it is silenced, and again after a reminder', () => {
  const printer = structuredClone(shown('alert'));
  const { ringing, beep } = ringer([printer]);
  ringing.tick(0, at(12));
  expect(beep).toHaveBeenLastCalledWith(true, 70);
  ringing.tick(3_000, at(12));
  expect(beep).toHaveBeenCalledTimes(1);
  ringing.tick(6_500, at(12));
  expect(beep).toHaveBeenCalledTimes(2);
  ringing.silence();
  expect(ringing.ringing).toEqual([]);
  ringing.tick(20_000, at(12));
  expect(beep).toHaveBeenCalledTimes(2);
  expect(ringingOf([{ ...printer, vigil: { ...printer.vigil, reminders: 1 } }])[0]?.key).not.toBe(
    ringingOf([printer])[0]?.key,
  );
});

test('alarms sound, too; why an order was refused does not, nor a printer that was switched off cold', () => {
  const printer = structuredClone(shown('printing'));
  printer.vigil.alarms = [
    hot,
    { ...hot, kind: 'refused' },
    { ...hot, kind: 'unreachable' },
    { ...hot, kind: 'first_layer' },
  ];
  expect(ringingOf([printer]).map((one) => one.grave)).toEqual([true, false]);
  expect(ringingOf([shown('printing')])).toEqual([]);
});

test('quiet hours go over midnight, by the clock of this device', () => {
  const quiet = { ...SOUND, quiet: NIGHT };
  expect([21 * 60 + 59, 22 * 60, 0, 6 * 60 + 59, 7 * 60].map((minute) => isQuiet(quiet, minute))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  expect(isQuiet({ ...SOUND, quiet: { from: 60, until: 120 } }, 60)).toBe(true);
  expect(isQuiet(SOUND, 60)).toBe(false);
});

describe('in quiet hours', () => {
  test('an alert is silent, a pause sounds unless a person wants none of it', () => {
    const alert = ringer([shown('warned')], { ...SOUND, quiet: NIGHT });
    alert.ringing.tick(0, at(3));
    expect(alert.beep).not.toHaveBeenCalled();
    const paused = ringer([shown('alert')], { ...SOUND, quiet: NIGHT });
    paused.ringing.tick(0, at(3));
    expect(paused.beep).toHaveBeenCalledOnce();
    const silent = ringer([shown('alert')], { ...SOUND, quiet: NIGHT, grave_in_quiet: false });
    silent.ringing.tick(0, at(3));
    expect(silent.beep).not.toHaveBeenCalled();
    silent.ringing.tick(1_000, at(7));
    silent.ringing.tick(2_000, at(7));
    expect(silent.beep, 'when they are over it sounds').toHaveBeenCalledOnce();
  });
});

test('what the browser keeps silent is said to be silent', () => {
  const { ringing, beep } = ringer([shown('alert')], SOUND, false);
  expect(ringing.blocked).toBe(false);
  ringing.tick(0, at(12));
  expect(ringing.blocked).toBe(true);
  expect(beep).not.toHaveBeenCalled();
});

test('switched off, nothing sounds', () => {
  const { ringing, beep } = ringer([shown('alert')], { ...SOUND, on: false });
  ringing.tick(0, at(12));
  expect(beep).not.toHaveBeenCalled();
});
