import { expect, test } from 'vitest';
import { found } from './find';

const CARDS = [
  { name: 'Camera', text: 'Rotate  Flip' },
  { name: 'Failure detection', text: 'Sensitivity. Watch the first layers' },
  { name: 'Filament', text: 'Price of a kilogram' },
];
const names = (query: string) => found(CARDS, query).map((card) => card.name);

test('a card is found by its name and by what it says, whatever the case', () => {
  expect(names('camera')).toEqual(['Camera']);
  expect(names('FLIP rotate')).toEqual(['Camera']);
  expect(names('fil')).toEqual(['Filament']);
  expect(names('f')).toEqual(['Camera', 'Failure detection', 'Filament']);
});

test('all words have to be there, and no words find all', () => {
  expect(names('sensitivity kilogram')).toEqual([]);
  expect(names('  ')).toEqual(['Camera', 'Failure detection', 'Filament']);
});
