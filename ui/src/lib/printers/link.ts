import type { VigilView } from '$lib/bindings/VigilView';

/** The link, in one sentence. */
export function linkWords(vigil: VigilView): string {
  const link = vigil.link;
  switch (link.kind) {
    case 'up': {
      const where = vigil.kind === 'demo' ? 'the demo' : (vigil.port?.path ?? 'its port');
      return `${vigil.firmware || 'Firmware not named'} on ${where}`;
    }
    case 'opening':
      return vigil.port?.baud === 0
        ? 'The port is open; finding the speed at which the printer answers.'
        : 'The port is open; waiting for the firmware to answer.';
    case 'lost':
      return link.why;
    case 'halted':
      return `The printer stopped itself: ${link.text} Switch it off and on, then connect.`;
    case 'closed':
      return vigil.port || vigil.kind === 'demo'
        ? 'Not connected. Is it switched on, and the cable in?'
        : 'No port is chosen yet. Choose one in Settings.';
  }
}
