// What came of a backup of OctoPrint is said as it was.
import { expect, test } from 'vitest';
import { takenWords } from './octoprint';

const none = {
  files: 0,
  files_there: 0,
  films: 0,
  films_there: 0,
  prints: 0,
  prints_there: 0,
  failed: 0,
  reasons: [],
};

test('what is new, what was here, and what could not come are told apart', () => {
  expect(takenWords({ ...none, files: 12, files_there: 3, films: 1, prints: 40 })).toBe(
    'Brought in: 12 files (3 more were here already), 1 timelapse, 40 past prints.',
  );
  expect(takenWords({ ...none, files_there: 2 })).toBe('Brought in: 0 files (2 more were here already).');
  expect(takenWords({ ...none, failed: 2 })).toBe('Nothing was brought in. 2 could not be brought in.');
});
