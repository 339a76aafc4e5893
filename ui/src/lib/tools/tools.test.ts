import { describe, expect, test } from 'vitest';
import type { TerminalLine, TerminalPage } from '$lib/api/tools';
import { bare, History, isStopLine, kindOf } from './lines';
import { TerminalLog } from './terminalLog.svelte';
import { bedWords, heightStep, pauseAtText } from './words';
import { sentence } from './work.svelte';

const page = (from: number, count: number, text = (n: number) => `G1 X${n}`): TerminalPage => ({
  lines: Array.from({ length: count }, (_, i) => ({
    seq: from + i,
    t: 0,
    direction: 'sent' as const,
    text: text(from + i),
  })),
  next: from + count - 1,
  more: false,
  missed: false,
});

describe('lines of the terminal', () => {
  test('a line is told by its words', () => {
    const table: [TerminalLine['direction'], string, string][] = [
      ['sent', 'N12 M105*37', 'temperature'],
      ['sent', 'N13 M1050*37', 'other'],
      ['sent', 'M114', 'position'],
      ['received', 'ok T:20.1 /0.0 B:20.0 /0.0', 'temperature'],
      ['received', ' T:205.00 /205.00 B:60 /60 @:0 B@:0', 'temperature'],
      ['received', 'ok P15 B3', 'ok'],
      ['sent', 'N14 M27*41', 'sd'],
      ['sent', 'M270', 'other'],
      ['received', 'SD printing byte 123/4567', 'sd'],
      ['received', 'Not SD printing', 'sd'],
      ['received', 'echo:busy: processing', 'busy'],
      ['received', 'X:1.00 Y:2.00 Z:0.20 E:0.00 Count X:0', 'position'],
      ['received', 'okay, that is a text', 'other'],
      ['received', 'Error:checksum mismatch', 'other'],
    ];
    for (const [direction, text, kind] of table) expect(kindOf({ direction, text }), text).toBe(kind);
    expect(bare('N12 G1 X3*55')).toBe('G1 X3');
    expect(bare('M876 S0')).toBe('M876 S0');
  });

  test('a hundred thousand lines stay, older ones go', () => {
    const log = new TerminalLog(() => Promise.reject(new Error('not used')));
    for (let n = 1; n <= 115_000; n += 5000) log.take(page(n, 5000));
    expect(log.kept).toBeLessThanOrEqual(110_000);
    expect(log.kept).toBeGreaterThanOrEqual(100_000);
    expect(log.shown.at(-1)?.seq).toBe(115_000);
  });

  test('filters change what is shown and forget nothing', () => {
    const log = new TerminalLog(() => Promise.reject(new Error('not used')));
    log.filter(new Set(['temperature']), '');
    log.take(page(1, 10, (n) => (n % 2 ? 'M105' : `G1 X${n}`)));
    expect(log.shown.length).toBe(5);
    log.filter(new Set(), '');
    expect(log.shown.length).toBe(10);
    log.filter(new Set(), 'g1 x4');
    expect(log.shown.map((line) => line.seq)).toEqual([4]);
    log.take(page(11, 1, () => 'G1 X4 Y1'));
    expect(log.shown.map((line) => line.seq)).toEqual([4, 11]);
  });

  test('typed commands come back by the arrow keys', () => {
    const history = new History();
    for (const line of ['G28', 'M105', 'M105']) history.add(line);
    expect([history.older(), history.older(), history.older()]).toEqual(['M105', 'G28', null]);
    expect([history.newer(), history.newer(), history.newer()]).toEqual(['M105', '', null]);
  });
});

test('heights have nine steps, and a flat bed one', () => {
  expect([-0.2, 0, 0.2].map((mm) => heightStep(mm, -0.2, 0.2))).toEqual([0, 4, 8]);
  expect(heightStep(null, 0, 1)).toBeNull();
  expect(heightStep(0.1, 0.1, 0.1)).toBe(4);
  expect(bedWords(0.05)).not.toBe(bedWords(0.9));
});

test('layers count from 1 for people', () => {
  expect(pauseAtText({ layer: 11 })).toBe('Pauses before layer 12.');
  expect(pauseAtText({ height: 2.4 })).toBe('Pauses at a height of 2.4 mm.');
});

test('a refusal is a sentence with what to do', () => {
  expect(sentence('the nozzle is cold', 'Heat it.')).toBe('The nozzle is cold. Heat it.');
  expect(sentence('Really?', '')).toBe('Really?');
});

describe('a typed line', () => {
  test('an emergency stop is one however it is typed', () => {
    for (const line of ['M112', ' m112 ', 'M112 ; now', 'N3 M112*4', 'M 112'])
      expect(isStopLine(line), line).toBe(true);
    for (const line of ['M1120', 'M11', 'M117 M112']) expect(isStopLine(line), line).toBe(false);
  });
});
