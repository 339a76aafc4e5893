import { expect, test } from 'vitest';
import type { OtherMachine } from '$lib/bindings/OtherMachine';
import type { OtherPrinter } from '$lib/bindings/OtherPrinter';
import { askedLine, messagesOf, presenceLine, progressLine, stateMark, stateWord } from './words';

const printer: OtherPrinter = {
  id: 1,
  name: 'MK3',
  state: 'printing',
  state_word: 'Printing',
  file: 'a.gcode',
  percent: 42,
  left_mins: 65,
  watching: true,
  alert: null,
  alarm: null,
  can: ['pause'],
  asked: null,
};
const garage: OtherMachine = {
  node: 'a1b2c3d4',
  name: 'Garage',
  version: '1',
  presence: 'here',
  heard_at: null,
  steered: true,
  printers: [printer],
  more: false,
};

test('one that is gone is never shown as if it were there', () => {
  const gone: OtherMachine = { ...garage, presence: 'gone', heard_at: '2026-01-02T10:00:00Z' };
  const now = Date.parse('2026-01-02T10:05:00Z') / 1000;
  expect(presenceLine(gone, now)).toContain('Gone. Last heard');
  expect(presenceLine(gone, now)).toContain('5 min ago');
  expect(stateWord(gone, printer)).toBe('Not known (was: Printing)');
  expect(stateMark(gone, printer)).toBe('unknown');
  expect(messagesOf([gone])[0]?.title).toBe('Garage, MK3: gone with a print under way');
  expect(presenceLine({ presence: 'gone', heard_at: null }, now)).toContain('since Printvigil was started');
});

test('what was asked is not said to be done', () => {
  expect(askedLine('Garage', { command: 'pause', late: false })).toBe('Asked to pause. Not confirmed yet.');
  expect(askedLine('Garage', { command: 'cancel', late: true })).toContain('has not confirmed the cancel');
});

test('an alert and an alarm elsewhere are told everywhere, the gravest first', () => {
  const alert: OtherPrinter = { ...printer, alert: '' };
  const alarm: OtherPrinter = { ...printer, id: 2, name: 'Mini', alarm: 'Pause not confirmed' };
  expect(messagesOf([{ ...garage, printers: [alert, printer, alarm] }]).map((one) => one.title)).toEqual([
    'Garage, Mini: Pause not confirmed',
    'Garage, MK3: Possible failure: the print goes on',
  ]);
  expect(messagesOf([garage])).toEqual([]);
});

test('time left is said while it moves', () => {
  expect(progressLine(printer)).toBe('42 %, 1 h 05 min left');
  expect(progressLine({ ...printer, state: 'paused' })).toBe('42 %');
  expect(progressLine({ ...printer, percent: null })).toBe('');
});
