import { expect, test } from 'vitest';
import { parts, stricter, tidies } from './space';

const NEVER = { pictures_days: null, films_days: null, max_bytes: null, max_prints: null };
const all = {
  free_bytes: 40,
  total_bytes: 100,
  reserve_bytes: 1,
  database_bytes: 2,
  copies_bytes: 3,
  files_bytes: 5,
  media_bytes: 20,
  prints: [],
  retention: NEVER,
};

test('the parts of the disk make the whole, also when sums do not fit', () => {
  expect(parts(all).reduce((sum, part) => sum + part.bytes, 0)).toBe(100);
  expect(parts(all).find((part) => part.key === 'others')?.bytes).toBe(30);
  expect(parts({ ...all, media_bytes: 90 }).every((part) => part.bytes >= 0)).toBe(true);
  expect(parts({ ...all, free_bytes: null }).map((part) => part.key)).not.toContain('free');
});

test('nothing is dropped unless it was chosen', () => {
  expect(tidies(NEVER)).toBe(false);
  expect(tidies({ ...NEVER, max_prints: 5 })).toBe(true);
});

test('what drops more than before is asked for, what drops less is not', () => {
  const set = (max_prints: number | null) => ({ ...NEVER, max_prints });
  expect(stricter('max_prints', set(null), set(5))).toBe(true);
  expect(stricter('max_prints', set(9), set(5))).toBe(true);
  expect(stricter('max_prints', set(5), set(9))).toBe(false);
  expect(stricter('max_prints', set(5), set(null))).toBe(false);
});
