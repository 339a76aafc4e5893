import type { LinkState } from '$lib/bindings/LinkState';
import type { VigilView } from '$lib/bindings/VigilView';
import { sentences } from '$lib/format/words';

/** Why the printer takes no more lines, and what to do: it is told by cause, never guessed from the words. */
function haltWords(link: Extract<LinkState, { kind: 'halted' }>): string {
  switch (link.cause) {
    case 'emergency_stop':
      return sentences('You pressed STOP', link.text, 'Switch the printer off and on, then connect.');
    case 'emergency_unanswered':
      return sentences(
        'You pressed STOP, and nothing shows that the printer heard it',
        'Switch it off at its power switch now.',
        link.text,
      );
    case 'firmware':
      return sentences(
        'The printer stopped',
        link.text,
        'Find the cause, switch it off and on, then connect.',
      );
    case 'power_off':
      return sentences('The printer is being switched off', link.text, 'Switch it on again, then connect.');
    case 'thread_died':
      return sentences(
        'Printvigil lost hold of the printer',
        link.text,
        'It may still be hot or moving: switch it off at its power switch, then connect.',
      );
  }
}

/** The link of an agent to us: the core says how it does. */
function agentWords(vigil: VigilView): string {
  const link = vigil.dots.find((dot) => dot.name === 'usb');
  return sentences(link?.reason ?? '', link?.state === 'ok' ? '' : (link?.fix ?? ''));
}

/** The link, in one sentence. */
export function linkWords(vigil: VigilView): string {
  const link = vigil.link;
  if (vigil.kind === 'agent') return agentWords(vigil);
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
      return sentences(link.why.charAt(0).toUpperCase() + link.why.slice(1));
    case 'halted':
      return haltWords(link);
    case 'closed':
      return vigil.port || vigil.kind === 'demo'
        ? 'Not connected. Is it switched on, and the cable in?'
        : 'No port is chosen yet. Choose one in Settings.';
  }
}
