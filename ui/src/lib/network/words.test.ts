import { expect, test } from 'vitest';
import type { NetworkGrant } from '$lib/bindings/NetworkGrant';
import { deviceName } from '$lib/api/network';
import { grantLine } from './words';

const NOW = Date.parse('2026-05-02T12:00:00Z') / 1000;
const grant = (part: Partial<NetworkGrant>): NetworkGrant => ({
  id: 1,
  kind: 'device',
  name: 'Phone',
  role: 'operate',
  created_at: '2026-05-01T12:00:00Z',
  seen_at: null,
  printer: null,
  ends_at: null,
  connections: 0,
  ...part,
});

test('a line says what somebody may do and when they were last here', () => {
  expect(grantLine(grant({}), NOW)).toBe('Device · operate · never used');
  expect(grantLine(grant({ connections: 2 }), NOW)).toBe('Device · operate · connected now');
  const link = grant({ kind: 'link', role: 'view', ends_at: '2026-05-02T14:00:00Z' });
  expect(grantLine(link, NOW)).toBe('Link · look · ends in 2 h 00 min · never used');
  expect(grantLine(grant({ kind: 'key', seen_at: '2026-05-02T11:00:00Z' }), NOW)).toMatch(
    /^API key · operate · last used Today /,
  );
});

test.each([
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)', 'iPhone'],
  ['Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile Safari', 'Android phone'],
  ['Mozilla/5.0 (X11; Linux x86_64)', 'Linux computer'],
  ['', 'Browser'],
])('%j is called %s', (agent, name) => expect(deviceName(agent)).toBe(name));
