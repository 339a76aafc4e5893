import { expect, test } from 'vitest';
import { portOf, standing } from './words';

test('how it stands is said in a sentence', () => {
  const at = { host: '192.168.1.10', why: null };
  expect(standing({ ...at, state: 'off' })).toBe('Off: nothing is sent.');
  expect(standing({ ...at, state: 'connecting' })).toContain('192.168.1.10');
  expect(standing({ ...at, state: 'connected' })).toContain('finds your printers');
  expect(standing({ ...at, state: 'failed', why: 'nothing listens there' })).toBe(
    'Not connected: nothing listens there. It is tried again by itself.',
  );
});

test('a port is a whole number that there is', () => {
  expect(portOf(' 1883 ')).toBe(1883);
  for (const wrong of ['', '0', '65536', '1.5', 'x', '-1']) expect(portOf(wrong)).toBeNull();
});
