// Charts by reason, material, spool and printer: each with what finished of it.
import { expect, test } from 'vitest';
import type { Stats } from '$lib/api/history';
import { breakdown } from './breakdown';

const share = (name: string, spool: number | null, prints: number, finished: number, grams: number) => ({
  name,
  spool,
  prints,
  finished,
  grams,
});
const STATS = {
  failures: [{ why: 'The USB cable was pulled.', count: 2 }],
  reasons: [share('Tangle', null, 4, 0, 80)],
  materials: [share('PLA', null, 44, 40, 1800)],
  spools: [share('Teal', 1, 2, 1, 66), share('Teal', 2, 1, 1, 0)],
  printers: [
    { printer: 1, prints: 3, finished: 3, secs: 1, filament_mm: 1 },
    { printer: 2, prints: 9, finished: 6, secs: 1, filament_mm: 1 },
  ],
} as unknown as Stats;
const nameOf = (id: number) => `Printer ${id}`;

test('each bar says how many, and how many of them finished', () => {
  expect(breakdown(STATS, 'material', nameOf)[0]).toMatchObject({
    name: 'PLA',
    count: 44,
    part: '91 %',
    words: '40 of 44 finished, 1.80 kg',
  });
  expect(breakdown(STATS, 'ended', nameOf)[0]).toMatchObject({ name: 'The USB cable was pulled.', count: 2 });
  expect(breakdown(STATS, 'reason', nameOf)[0]).toMatchObject({ name: 'Tangle', count: 4 });
});

test('two spools of one name stay two, and printers come by how much they printed', () => {
  expect(breakdown(STATS, 'spool', nameOf).map((row) => row.key)).toEqual(['1', '2']);
  expect(breakdown(STATS, 'printer', nameOf).map((row) => row.name)).toEqual(['Printer 2', 'Printer 1']);
});
