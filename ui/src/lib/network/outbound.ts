// What left this computer, in sentences that hold.
import type { Outbound } from '$lib/bindings/Outbound';
import type { OutboundConnection } from '$lib/bindings/OutboundConnection';
import type { OutboundCount } from '$lib/bindings/OutboundCount';
import type { OutboundPurpose } from '$lib/bindings/OutboundPurpose';
import type { OutboundReach } from '$lib/bindings/OutboundReach';
import { bytes } from '$lib/format/numbers';
import { day, unix } from '$lib/format/time';

const PURPOSES: Record<OutboundPurpose, string> = {
  camera: 'Camera',
  notice: 'Notices',
  mail: 'Mail',
  mqtt: 'MQTT broker',
  agent_link: 'Linking an agent',
  discovery: 'Being found on the network (mDNS)',
};

const REACHES: Record<OutboundReach, string> = {
  this_computer: 'a program of this computer',
  local_network: 'local network',
  public_address: 'public address',
};

export const purposeWord = (connection: OutboundConnection): string => PURPOSES[connection.purpose];
export const reachWord = (connection: OutboundConnection): string => REACHES[connection.reach];

function times(count: number): string {
  return count === 1 ? 'once' : `${String(count)} times`;
}

/** `3 times, 1 of them without an answer: 2.1 kB sent, 40 MB received`. */
export function countWords(count: OutboundCount, purpose: OutboundPurpose): string {
  if (purpose === 'discovery') return `${times(count.tries)}, bytes are not counted`;
  const failed = count.tries - count.opened;
  const said =
    failed > 0 ? `${times(count.tries)}, ${String(failed)} of them without an answer` : times(count.tries);
  const alone = purpose === 'mqtt' ? ' (without what encryption adds)' : '';
  return `${said}: ${bytes(count.sent_bytes)} sent, ${bytes(count.received_bytes)} received${alone}`;
}

/** The sentence above the list. */
export function summary(list: Outbound, now: number): string {
  const since = day(unix(list.since), now);
  const away = list.connections.filter((connection) => connection.reach !== 'this_computer');
  if (list.connections.length === 0) return `Printvigil has connected to no other computer since ${since}.`;
  if (away.length === 0) return `Since ${since}, Printvigil has connected to programs of this computer only.`;
  const beyond = away.filter((connection) => connection.reach === 'public_address');
  if (beyond.length === 0)
    return `Since ${since}, Printvigil has connected to addresses of your local network only.`;
  const many = beyond.length === 1 ? 'one public address' : `${String(beyond.length)} public addresses`;
  return `Since ${since}, Printvigil has connected to ${many}.`;
}

/** A run that began after the list did is told apart from the days before. */
export function severalRuns(list: Outbound): boolean {
  return list.since !== list.started_at;
}
