import type { AskedOfOther } from '$lib/bindings/AskedOfOther';
import type { OtherMachine } from '$lib/bindings/OtherMachine';
import type { OtherPrinter } from '$lib/bindings/OtherPrinter';
import type { RemoteCommand } from '$lib/bindings/RemoteCommand';
import type { MarkState } from '$lib/components/mark';
import { percent } from '$lib/format/numbers';
import { day, span, unix } from '$lib/format/time';

/** Whether a machine is there, in a line; nothing more where it is. `now`: Unix seconds. */
export function presenceLine(machine: Pick<OtherMachine, 'presence' | 'heard_at'>, now: number): string {
  const heard = unix(machine.heard_at);
  const last = heard === null ? '' : ` Last heard ${day(heard, now)}, ${span(now - heard)} ago.`;
  switch (machine.presence) {
    case 'here':
      return 'Here';
    case 'unheard':
      return 'Not heard yet';
    case 'gone':
      return `Gone.${last || ' Not heard since Printvigil was started here.'}`;
    case 'unknown':
      return `Not known: the broker is away.${last}`;
  }
}

/** What a printer does, as far as it is known now. */
export function stateWord(machine: Pick<OtherMachine, 'presence'>, printer: OtherPrinter): string {
  if (machine.presence === 'here') return printer.state_word;
  return printer.state === null ? 'Not known' : `Not known (was: ${printer.state_word})`;
}

export function stateMark(machine: Pick<OtherMachine, 'presence'>, printer: OtherPrinter): MarkState {
  if (machine.presence !== 'here' || printer.state === null) return 'unknown';
  if (printer.alarm !== null) return 'danger';
  if (printer.alert !== null) return printer.state === 'paused' ? 'danger' : 'attention';
  if (printer.state === 'offline' || printer.state === 'connecting') return 'unknown';
  return printer.state === 'paused' ? 'attention' : 'ok';
}

const WHAT: Record<RemoteCommand, { asked: string; missing: string }> = {
  pause: { asked: 'Asked to pause', missing: 'the pause' },
  resume: { asked: 'Asked to resume', missing: 'that it goes on' },
  cancel: { asked: 'Asked to cancel the print', missing: 'the cancel' },
  not_failed: { asked: 'Told that it is no failure', missing: 'the answer' },
  mute: { asked: 'Asked to mute the alerts of this print', missing: 'it' },
};

/** What was asked from here and is not confirmed. */
export function askedLine(name: string, asked: AskedOfOther): string {
  const { asked: what, missing } = WHAT[asked.command];
  return asked.late
    ? `${name} has not confirmed ${missing}. Go to the printer and look.`
    : `${what}. Not confirmed yet.`;
}

/** `42 %, 1 h 05 min left`; nothing while nothing prints. */
export function progressLine(printer: Pick<OtherPrinter, 'percent' | 'left_mins' | 'state'>): string {
  if (printer.percent === null) return '';
  // While it stands still nobody knows when it will be done.
  const moves = printer.state === 'printing' || printer.state === 'heating' || printer.state === 'finishing';
  const left = moves && printer.left_mins !== null ? `, ${span(printer.left_mins * 60)} left` : '';
  return percent(printer.percent) + left;
}

export interface Told {
  key: string;
  mark: MarkState;
  title: string;
}

const PRINTS: readonly OtherPrinter['state'][] = [
  'heating',
  'printing',
  'pausing',
  'paused',
  'resuming',
  'cancelling',
  'finishing',
];

/** What must be known of other machines wherever somebody looks, the gravest first. */
export function messagesOf(machines: readonly OtherMachine[]): Told[] {
  const told = machines.flatMap((machine) =>
    machine.printers.flatMap((printer): Told[] => {
      const key = `${machine.node}/${printer.id}`;
      const name = `${machine.name}, ${printer.name}`;
      if (machine.presence === 'gone' && PRINTS.includes(printer.state)) {
        return [{ key, mark: 'attention', title: `${name}: gone with a print under way` }];
      }
      if (machine.presence !== 'here') return [];
      const mark = stateMark(machine, printer);
      if (printer.alarm !== null) {
        return [{ key, mark, title: `${name}: ${printer.alarm || 'there is an alarm'}` }];
      }
      if (printer.alert === null) return [];
      const goes = printer.state === 'paused' ? 'the print is paused' : 'the print goes on';
      return [{ key, mark, title: `${name}: Possible failure: ${goes}` }];
    }),
  );
  const grave = (one: Told): number => ['danger', 'attention'].indexOf(one.mark);
  return told.toSorted((one, other) => grave(one) - grave(other));
}
