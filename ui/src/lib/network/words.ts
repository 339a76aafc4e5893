import type { NetworkGrant } from '$lib/bindings/NetworkGrant';
import type { Role } from '$lib/bindings/Role';
import { day, span, unix } from '$lib/format/time';

/** What a role may do, for people. */
export const ROLES: readonly { value: Role; text: string; may: string }[] = [
  { value: 'view', text: 'Look', may: 'See the picture, the state and the history. Changes nothing.' },
  {
    value: 'operate',
    text: 'Operate',
    may: 'Also pause, resume, cancel, answer alerts, cool down and STOP.',
  },
  {
    value: 'owner',
    text: 'Everything',
    may: 'Also start prints, heat, move, and change files and settings.',
  },
];

/** For how long a link may be made. */
export const HOURS: readonly { value: number; text: string }[] = [
  { value: 2, text: '2 hours' },
  { value: 24, text: '1 day' },
  { value: 168, text: '1 week' },
  { value: 720, text: '30 days' },
];

/** When a link ends. Both in Unix seconds. */
export function endsLine(ends: number | null, now: number): string {
  if (ends === null) return 'Does not end by itself';
  return ends <= now ? 'Has ended' : `Ends in ${span(ends - now)}, ${day(ends, now)}`;
}

export function roleWord(role: Role): string {
  return ROLES.find((known) => known.value === role)?.text ?? role;
}

/** One line about a device, a link or a key. `now`: Unix seconds. */
export function grantLine(grant: NetworkGrant, now: number): string {
  const kinds = { device: 'Device', link: 'Link', key: 'API key' };
  const kind = grant.printer === null ? kinds[grant.kind] : 'Link to one printer';
  const parts = [kind, roleWord(grant.role).toLowerCase()];
  const ends = unix(grant.ends_at);
  if (ends !== null) parts.push(`ends in ${span(ends - now)}`);
  const seen = unix(grant.seen_at);
  if (grant.connections > 0) parts.push('connected now');
  else parts.push(seen === null ? 'never used' : `last used ${day(seen, now)}`);
  return parts.join(' · ');
}

/** Below the printer's name on a phone: over what it is seen, and what may be done. */
export function whereWords(role: Role | null): string {
  if (role === null) return 'Home network';
  return { view: 'Home network · look only', operate: 'Home network', owner: 'Home network' }[role];
}
