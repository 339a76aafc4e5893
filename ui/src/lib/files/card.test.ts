import { expect, test } from 'vitest';
import type { PrinterView } from '$lib/bindings/PrinterView';
import { cardOf, shortName, shownOn, wayTo, writtenWord } from './card';
import type { SdFile } from '$lib/bindings/SdFile';

const file = (path: string, name = path): SdFile => ({
  path,
  name,
  bytes: null,
  written: null,
  printable: true,
});
const FILES = [
  file('PART10.GCO'),
  file('PART2.GCO'),
  file('/TOYS/BOAT~1.GCO', '/TOYS/Boat with a long name.gcode'),
  file('TOYS/OLD/BOAT.GCO'),
  file('TOYSHOP.GCO'),
];
const names = (folder: string, query = '') => {
  const shown = shownOn(FILES, folder, query);
  return [shown.folders.map((f) => `${f.name} ${f.count}`), shown.files.map((f) => f.path)];
};

test('a card has folders by the paths of its files, names in the order of people', () => {
  expect(names('')).toEqual([['TOYS 2'], ['PART2.GCO', 'PART10.GCO', 'TOYSHOP.GCO']]);
  expect(names('TOYS')).toEqual([['OLD 1'], ['/TOYS/BOAT~1.GCO']]);
  expect(names('TOYS/OLD')).toEqual([[], ['TOYS/OLD/BOAT.GCO']]);
  expect(wayTo('TOYS/OLD').map((step) => step.path)).toEqual(['TOYS', 'TOYS/OLD']);
});

test('a search finds in all folders, by the long name and by the short', () => {
  expect(names('TOYS/OLD', ' LONG ')).toEqual([[], ['/TOYS/BOAT~1.GCO']]);
  expect(names('', 'boat~1')).toEqual([[], ['/TOYS/BOAT~1.GCO']]);
  expect(names('', 'nothing')).toEqual([[], []]);
});

test('a file is shown by its own name, and when it was written', () => {
  expect(FILES.map(shortName)[2]).toBe('Boat with a long name.gcode');
  expect(writtenWord({ ...file('A.GCO'), written: '2026-11-22T14:05' })).toBe('2026-11-22 14:05');
  expect(writtenWord(file('A.GCO'))).toBe('');
});

test('a core that knows of no cards has none', () => {
  expect(cardOf(null)).toBeNull();
  expect(cardOf({ vigil: {} } as PrinterView)).toBeNull();
});
