import { expect, test } from 'vitest';
import type { Finding } from '$lib/api/types';
import { findingWords, grave, sorted } from './findings';

const finding = (severity: Finding['severity'], what: string): Finding => ({
  code: 'x',
  severity,
  what,
  do: '',
});

test('what must stop a print comes first, and what is only good to know needs no eyes', () => {
  const all = [finding('note', 'n'), finding('warn', 'w'), finding('stop', 's')];
  expect(sorted(all).map((f) => f.what)).toEqual(['s', 'w', 'n']);
  expect(grave(all).map((f) => f.what)).toEqual(['s', 'w']);
  expect(findingWords(all)).toBe('s (and 1 more)');
  expect(findingWords([finding('note', 'n')])).toBe('');
});
