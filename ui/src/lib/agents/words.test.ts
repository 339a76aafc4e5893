import { expect, test } from 'vitest';
import { codeWords, klipperLine } from './words';

test('what is pasted is the agent’s own form', () => {
  expect(klipperLine('http://192.168.1.5:7412')).toBe('url = http://192.168.1.5:7412');
  expect(codeWords('012345')).toBe('012 345');
});
