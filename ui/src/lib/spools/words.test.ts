// What is said of spools: grams and metres together, "about" where it is an estimate, the worst first.
import { expect, test } from 'vitest';
import type { SpoolNeed } from '$lib/bindings/SpoolNeed';
import { leftWords, needWords, spoolName, weight } from './words';

const need = (fields: Partial<SpoolNeed> = {}): SpoolNeed => ({
  tool: 0,
  needed_mm: 22_100,
  needed_g: 66,
  spool: 4,
  name: 'Teal',
  material: 'PLA',
  left_mm: 138_150,
  left_g: 412,
  about: false,
  short: false,
  other_material: null,
  ...fields,
});

test('weights are in grams, and in kilograms from one on', () => {
  expect([weight(4.26), weight(66.4), weight(1240)]).toEqual(['4.3 g', '66 g', '1.24 kg']);
});

test('the material is named once', () => {
  expect(spoolName({ name: 'Teal', material: 'PLA' })).toBe('Teal, PLA');
  expect(spoolName({ name: 'PLA teal', material: 'PLA' })).toBe('PLA teal');
  expect(spoolName({ name: 'Teal', material: '' })).toBe('Teal');
});

test('what is left says when it is an estimate, and when it cannot be', () => {
  const left = { left_g: 412, left_mm: 138_150, about: false, overdrawn: false };
  expect(leftWords(left)).toBe('412 g (138.15 m) left');
  expect(leftWords({ ...left, about: true })).toBe('about 412 g (138.15 m) left');
  expect(leftWords({ ...left, overdrawn: true })).toContain('weigh it');
});

test('enough says so with both figures', () => {
  expect(needWords([need()])).toEqual({
    state: 'done',
    title: 'Filament is enough',
    text: '66 g (22.10 m) of 412 g (138.15 m) left of Teal, PLA.',
  });
  expect(needWords([])).toBeNull();
});

test('too little comes before another material, and that before a spool that nobody named', () => {
  const short = need({ tool: 1, short: true, left_g: 40, left_mm: 13_400, about: true });
  const other = need({ other_material: 'PETG' });
  const unknown = need({ spool: null, name: '', material: '', left_g: null, left_mm: null });
  const words = needWords([unknown, other, short]);
  expect(words?.title).toBe('Not enough filament on the spool');
  expect(words?.text).toBe('Tool 2: 66 g (22.10 m) needed, about 40 g (13.40 m) left of Teal, PLA.');
  expect(needWords([unknown, other])?.text).toBe('Tool 1: sliced for PETG; Teal, PLA is loaded.');
  expect(needWords([unknown])).toMatchObject({ state: 'todo', title: 'Which spool is loaded?' });
});
