import type { AlertView } from '$lib/bindings/AlertView';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { IconName } from '$lib/components/icons';
import { clock, unix } from '$lib/format/time';

export type AnswerKind = 'resume' | 'fine' | 'cancel' | 'pause' | 'keep';

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

/** The answers to an alert, in their fixed order. */
export function answers(printer: PrinterView, alert: AlertView): Answer[] {
  const can = printer.vigil.can;
  if (!alert.paused) {
    return [
      {
        kind: 'fine',
        testid: 'answer-fine',
        title: 'It is fine',
        text: 'The print goes on, and so does the watch.',
        icon: 'check',
        tone: 'good',
        possible: true,
        safe: false,
      },
      {
        kind: 'pause',
        testid: 'answer-pause',
        title: 'Pause it',
        text: 'Lifts the head and waits for you.',
        icon: 'pause',
        tone: 'plain',
        possible: can.pause,
        safe: true,
      },
      {
        kind: 'cancel',
        testid: 'answer-cancel',
        title: 'It failed: cancel the print…',
        text: 'Heaters and fan off. Kept in history as failed.',
        icon: 'cross',
        tone: 'bad',
        possible: can.cancel,
        safe: false,
      },
    ];
  }
  const bedOff = unix(printer.vigil.bed_off_at);
  return [
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
      kind: 'cancel',
      testid: 'answer-cancel',
      title: 'It failed: cancel the print',
      text: 'Heaters and fan off. Kept in history as failed.',
      icon: 'cross',
      tone: 'bad',
      possible: can.cancel,
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
