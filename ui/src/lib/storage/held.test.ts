import { expect, test } from 'vitest';
import { held } from './held';

test('what a backup holds is a sentence', () => {
  const history = { printers: 1, prints: 12, files: 0, first_print: null, last_print: null };
  const peek = { app_version: '0.1.0', files: 40, bytes: 3_200_000, with_pictures: false, history };
  expect(held(peek)).toMatch(
    /^1 printer, 12 prints, 0 G-code files: .+, made by Printvigil 0\.1\.0; without single pictures\.$/,
  );
  expect(held({ ...peek, with_pictures: true })).not.toContain('without');
});
