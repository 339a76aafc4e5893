import { expect, test } from 'vitest';
import { codeWords, folderAbove, hostWord, klipperLine, powerWord } from './words';

test('what is pasted is the agent’s own form', () => {
  expect(klipperLine('http://192.168.1.5:7412')).toBe('url = http://192.168.1.5:7412');
  expect(codeWords('012345')).toBe('012 345');
});

test('a folder leads to the one above it, and the topmost nowhere', () => {
  expect(folderAbove('a/b/c')).toBe('a/b');
  expect(folderAbove('a')).toBe('');
  expect(folderAbove('')).toBe('');
});

test('what is not known is not said to be off', () => {
  expect([powerWord(true), powerWord(false), powerWord(null)]).toEqual(['on', 'off', 'not known']);
  expect([hostWord('Klipper'), hostWord('Agent')]).toEqual(['Klipper', 'OctoPrint or Klipper']);
});
