import { expect, test } from 'vitest';
import { cost, grams } from './cost';

const file = (metadata: object, filament_total: number | null) => ({
  metadata_json: JSON.stringify(metadata),
  filament_total,
});

test('filament weighs what its file says of a millimetre', () => {
  expect(grams(500, file({ filament_g: 6 }, 2000))).toBe(1.5);
  expect(grams(500, file({ filament_g: [4, 2] }, 2000))).toBe(1.5);
});

test('filament of 2.85 mm counts where the file names no diameter', () => {
  expect(grams(1000, null, 2.85)).toBeCloseTo(7.91, 2);
  const assumed = { filament_g: 6, filament_g_assumed: true };
  expect(grams(500, file(assumed, 2000), 2.85)).toBeCloseTo(3.978, 3);
  expect(grams(500, file({ ...assumed, claims: { diameters: [1.75] } }, 2000), 2.85)).toBe(1.5);
  expect(grams(500, file({ filament_g: 6, filament_g_assumed: false }, 2000), 2.85)).toBe(1.5);
});

test('without a word of it, it weighs as PLA of 1.75 mm: 2.98 g a metre', () => {
  for (const unknown of [null, file({}, 2000), file({ filament_g: 6 }, null), file({ filament_g: 6 }, 0)]) {
    expect(grams(1000, unknown)).toBeCloseTo(2.983, 3);
  }
  expect(grams(null, null)).toBeNull();
});

test.each([
  [21, 20, '€', '0.42 €'],
  [1000, 450000, '₫', '450000 ₫'],
  [0.1, 20, '€', 'under 0.01 €'],
  [50, 20, '', '1.00'],
])('%d g at %d %s a kilogram cost %s', (weight, per_kg, currency, words) => {
  expect(cost(weight, { per_kg, currency })).toBe(words);
});

test('nothing is said where nothing is known', () => {
  expect([cost(null, { per_kg: 20, currency: '€' }), cost(0, { per_kg: 20, currency: '€' })]).toEqual([
    '',
    '',
  ]);
  expect([cost(10, null), cost(10, { per_kg: null, currency: '€' })]).toEqual(['', '']);
});
