import type { AlertView } from '$lib/bindings/AlertView';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { IconName } from '$lib/components/icons';
import { clock, unix } from '$lib/format/time';

export type AnswerKind = 'resume' | 'fine' | 'cancel' | 'pause' | 'keep';

/** A card that has just changed takes no answer for so long: what was pressed was meant for the one before. */
export const LOCK_MS = 1_500;

export interface Answer {
  kind: AnswerKind;
  testid: string;
  title: string;
  text: string;
  icon: IconName;
  tone: 'good' | 'bad' | 'plain';
  possible: boolean;
  /** The focus starts here: the answer that changes nothing, or the safest one. */
  safe: boolean;
}

/**
 * The answers to an alert. The key is the place, and the same everywhere in the app: 1 a failure, 2 fine, 3 not sure.
 */
export function answers(printer: PrinterView, alert: AlertView): [Answer, Answer, Answer] {
  const can = printer.vigil.can;
  const failed: Answer = {
    kind: 'cancel',
    testid: 'answer-cancel',
    title: 'It failed: cancel the print…',
    text: 'Asks first. Then heaters and fan go off.',
    icon: 'cross',
    tone: 'bad',
    possible: can.cancel,
    safe: false,
  };
  if (!alert.paused) {
    return [
      failed,
      {
        kind: 'fine',
        testid: 'answer-fine',
        title: 'It is fine',
        text: 'The print goes on, and so does the detection.',
        icon: 'check',
        tone: 'good',
        possible: true,
        safe: false,
      },
      {
        kind: 'pause',
        testid: 'answer-pause',
        title: 'Not sure: pause it',
        text: 'Lifts the head and waits for you.',
        icon: 'pause',
        tone: 'plain',
        possible: can.pause,
        safe: true,
      },
    ];
  }
  const bedOff = unix(printer.vigil.bed_off_at);
  return [
    failed,
    {
      kind: 'resume',
      testid: 'answer-resume',
      title: 'It is fine: resume',
      text: can.resume ? 'Heats up first, then goes on.' : 'Possible when the pause is confirmed.',
      icon: 'play',
      tone: 'good',
      possible: can.resume,
      safe: false,
    },
    {
      kind: 'keep',
      testid: 'answer-keep',
      title: 'Not sure: keep it paused',
      text:
        bedOff === null
          ? 'Nothing changes. Decide later.'
          : `The bed stays warm until ${clock(bedOff)}, then cools.`,
      icon: 'clock',
      tone: 'plain',
      possible: true,
      safe: true,
    },
  ];
}

/** Names the card that a person sees: another name, another meaning of the same key or place. */
export function cardOf(printer: PrinterView, alert: AlertView): string {
  const able = answers(printer, alert).map((answer) => `${answer.kind}${answer.possible ? '+' : '-'}`);
  return [printer.id, alert.frame, alert.paused, ...able].join(' ');
}
