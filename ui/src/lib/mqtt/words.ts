import type { Mqtt } from '$lib/bindings/Mqtt';

/** How it stands with the broker, in one line. */
export function standing(now: Pick<Mqtt, 'state' | 'why' | 'host'>): string {
  switch (now.state) {
    case 'off':
      return 'Off: nothing is sent.';
    case 'connecting':
      return `Connecting to ${now.host}…`;
    case 'connected':
      return `Connected to ${now.host}. Home Assistant finds your printers by itself.`;
    case 'failed':
      return `Not connected: ${now.why ?? 'the broker is away'}. It is tried again by itself.`;
  }
}

/** What a port may be; none for anything else. */
export function portOf(text: string): number | null {
  const port = Number(text.trim());
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? port : null;
}
