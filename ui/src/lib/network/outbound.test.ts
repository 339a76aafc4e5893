// The sentence about what left this computer says no more than the list.
import { expect, test } from 'vitest';
import type { Outbound } from '$lib/bindings/Outbound';
import type { OutboundConnection } from '$lib/bindings/OutboundConnection';
import { countWords, severalRuns, summary } from './outbound';

const now = Date.parse('2026-05-04T12:00:00Z') / 1000;
const none = { tries: 0, opened: 0, sent_bytes: 0, received_bytes: 0 };

function list(...reaches: OutboundConnection['reach'][]): Outbound {
  return {
    since: '2026-05-01T09:00:00.000000Z',
    started_at: '2026-05-04T09:00:00.000000Z',
    connections: reaches.map((reach, n) => ({
      purpose: 'camera',
      place: `cam-${String(n)}:80`,
      reach,
      this_run: none,
      last_days: none,
      last_at: '2026-05-04T10:00:00.000000Z',
    })),
  };
}

test('nothing is said to have left only when nothing has', () => {
  expect(summary(list(), now)).toMatch(/ connected to no other computer since /);
  expect(summary(list('this_computer'), now)).toMatch(/ to programs of this computer only\.$/);
  expect(summary(list('this_computer', 'local_network'), now)).toMatch(
    /addresses of your local network only\.$/,
  );
  expect(summary(list('local_network', 'public_address'), now)).toMatch(/ to one public address\.$/);
  expect(summary(list('public_address', 'public_address'), now)).toMatch(/ to 2 public addresses\.$/);
});

test('what was not counted is not given a figure', () => {
  const count = { tries: 3, opened: 2, sent_bytes: 2048, received_bytes: 40_000_000 };
  expect(countWords(count, 'camera')).toMatch(/^3 times, 1 of them without an answer: .* sent, .* received$/);
  expect(countWords({ ...count, tries: 1, opened: 1 }, 'camera')).toMatch(/^once: /);
  expect(countWords(count, 'discovery')).toBe('3 times, bytes are not counted');
  expect(countWords(count, 'mqtt')).toMatch(/without what encryption adds/);
});

test('a first run is not told apart from the days before it', () => {
  expect(severalRuns(list())).toBe(true);
  expect(severalRuns({ ...list(), started_at: list().since })).toBe(false);
});
