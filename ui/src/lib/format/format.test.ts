import { describe, expect, test } from 'vitest';
import type { PrintView } from '$lib/bindings/PrintView';
import type { VigilView } from '$lib/bindings/VigilView';
import type { WatchView } from '$lib/bindings/WatchView';
import { bytes, degrees, filament, percent } from './numbers';
import { hours } from './hours.svelte';
import { clock, day, exact, span, unix } from './time';
import {
  heaterName,
  outcome,
  sensitivityWords,
  sentences,
  sentencesBut,
  stateMark,
  watchWords,
} from './words';

describe('time', () => {
  test.each([
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [2460, '41 min'],
    [3600, '1 h 00 min'],
    [6660, '1 h 51 min'],
    [180_000, '2 d 2 h'],
    [-5, '0 s'],
    [null, '–'],
  ])('%s seconds are %s', (secs, text) => expect(span(secs)).toBe(text));

  test('an ISO time with microseconds is read', () => {
    expect(unix('2026-01-02T03:04:05.500000Z')).toBe(1767323045.5);
    expect(unix('soon')).toBeNull();
    expect(clock(unix('2026-01-02T03:04:05Z'))).toBe('03:04');
  });

  test('days are named as people do', () => {
    const now = unix('2026-11-22T16:00:00Z') ?? 0;
    expect(day(unix('2026-11-22T14:01:00Z'), now)).toBe('Today 14:01');
    expect(day(unix('2026-11-21T18:20:00Z'), now)).toBe('Yesterday 18:20');
    expect(day(unix('2026-11-20T16:40:00Z'), now)).toContain('16:40');
    expect(day(unix('2020-11-20T16:40:00Z'), now)).toContain('2020');
  });
});

test('numbers that are not known are a dash, never a zero', () => {
  expect([percent(null), degrees(undefined), filament(null)]).toEqual(['–', '–', '–']);
  expect(percent(99.84, 1)).toBe('99.8 %');
  expect(filament(4123)).toBe('4.12 m');
  expect([bytes(930), bytes(12_400), bytes(3_400_000)]).toEqual(['930 B', '12 kB', '3.4 MB']);
});

const vigil = (part: Partial<VigilView>) =>
  ({ alarm: null, switch_off_now: false, alert: null, ...part }) as VigilView;

describe('severity', () => {
  test('what is not known is never green', () => {
    for (const state of ['offline', 'connecting'] as const) {
      expect(stateMark(vigil({ state }))).toBe('unknown');
    }
    const watch = { watching: false, gauge: 0, zone: 'fine' } as WatchView;
    expect(watchWords(watch).mark).toBe('unknown');
    expect(watchWords({ ...watch, watching: true, gauge: null }).mark).toBe('unknown');
    expect(watchWords({ ...watch, watching: true, zone: null }).mark).toBe('unknown');
  });

  test('an alarm outranks the state', () => {
    expect(stateMark(vigil({ state: 'paused', alarm: 'Pause not confirmed' }))).toBe('danger');
    expect(stateMark(vigil({ state: 'operational', switch_off_now: true }))).toBe('danger');
  });
});

const print = (part: object) =>
  ({
    alert_overwrite: null,
    alerted_at: null,
    ended_at: 'x',
    vigil: { ended_by: 'finished', ended_why: null },
    ...part,
  }) as PrintView;

test('a person’s word on a print stands above how it ended', () => {
  expect(outcome(print({})).word).toBe('Finished');
  expect(outcome(print({ alert_overwrite: 'FAILED' }))).toMatchObject({ word: 'Failed', mark: 'danger' });
  expect(outcome(print({ vigil: { ended_by: 'interrupted', ended_why: 'Cable pulled.' } }))).toEqual({
    word: 'Interrupted',
    mark: 'danger',
    detail: 'Cable pulled.',
  });
  expect(outcome(print({ ended_at: null, vigil: { ended_by: null, ended_why: null } })).word).toBe(
    'Printing',
  );
});

test('heaters have names', () => {
  expect(['tool0', 'tool1', 'bed', 'chamber'].map(heaterName)).toEqual([
    'Nozzle',
    'Nozzle 2',
    'Bed',
    'Chamber',
  ]);
});

test('each sensitivity says what it does', () => {
  const words = [0.8, 0.9, 1, 1.1, 1.2].map(sensitivityWords);
  expect(new Set(words).size).toBe(5);
});

test('texts become sentences with one full stop each, and none is said twice', () => {
  expect(sentences('Printer halted..', 'Find the cause')).toBe('Printer halted. Find the cause.');
  expect(sentences('Wait …', null, '', 'Now!')).toBe('Wait … Now!');
  expect(sentences('Switch the printer off now.. Switch the printer off now')).toBe(
    'Switch the printer off now.',
  );
  expect(sentencesBut('Switch the printer off now', 'Switch the printer off now. It may be hot.')).toBe(
    'It may be hot.',
  );
  expect(sentences('See v2.1.2 at 0.5 mm')).toBe('See v2.1.2 at 0.5 mm.');
});

test('times of the day are written as a person wants them', () => {
  const noon = Date.UTC(2026, 10, 29, 16, 42, 10) / 1000;
  expect([clock(noon), exact(noon)]).toEqual(['16:42', '16:42:10']);
  hours.choice = '12';
  expect([clock(noon), exact(noon)].map((text) => text.replace(/\s/g, ' ').toUpperCase())).toEqual([
    '4:42 PM',
    '4:42:10 PM',
  ]);
  hours.choice = '24';
  expect(clock(Date.UTC(2026, 10, 29) / 1000)).toBe('00:00');
});
