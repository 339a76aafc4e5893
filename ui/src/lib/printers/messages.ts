import type { AlarmKind } from '$lib/bindings/AlarmKind';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { MarkState } from '$lib/components/mark';
import { clock, exact, unix } from '$lib/format/time';
import { sentences } from '$lib/format/words';
import { heatOf } from './heaters';

/** One thing that a printer wants known. */
export interface Message {
  mark: MarkState;
  title: string;
  text: string;
}

/** Whether an alarm is of a kind that nobody has to come for at once. */
export const isMild = (kind: AlarmKind): boolean => kind === 'first_layer' || kind === 'unreachable';

/** Whether a print runs that nobody watches though a person wants it watched. */
export function isUnwatched(printer: PrinterView): boolean {
  const { vigil } = printer;
  return vigil.state === 'printing' && !vigil.watch.watching && printer.watching_enabled;
}

/** The heaters may be on and nobody knows; an alarm that says so already is enough. */
export function heatUnknown(printer: PrinterView, connected: boolean | null): boolean {
  const said = printer.vigil.alarms.some((alarm) => alarm.kind === 'heaters_on' || alarm.kind === 'hot');
  return !said && heatOf(printer, connected).mayBeOn;
}

/** What a printer wants known, the gravest first: each banner of it in a line. */
export function messagesOf(printer: PrinterView, connected: boolean | null): Message[] {
  const { vigil } = printer;
  const told: Message[] = [];
  if (vigil.switch_off_now) {
    told.push({ mark: 'danger', title: 'Switch the printer off now', text: vigil.alarm ?? '' });
  } else {
    for (const alarm of vigil.alarms) {
      const mark = isMild(alarm.kind) ? 'attention' : 'danger';
      told.push({ mark, title: sentences(alarm.text), text: '' });
    }
  }
  if (vigil.alert) {
    told.push(
      vigil.alert.paused
        ? { mark: 'danger', title: 'Possible failure: the print is paused', text: vigil.alert.text }
        : { mark: 'attention', title: 'Possible failure: the print goes on', text: vigil.alert.text },
    );
  }
  if (heatUnknown(printer, connected) && !vigil.switch_off_now) {
    const { at } = heatOf(printer, connected);
    const text = at === null ? '' : `The last temperatures are from ${exact(at)}.`;
    told.push({ mark: 'danger', title: 'The heaters may still be on', text });
  }
  if (vigil.warning) told.push({ mark: 'attention', title: sentences(vigil.warning), text: '' });
  if (vigil.heaters_off_at) {
    const text = `They go off at ${clock(unix(vigil.heaters_off_at))}.`;
    told.push({ mark: 'attention', title: 'The heaters are on and nothing prints', text });
  }
  if (isUnwatched(printer)) {
    told.push({ mark: 'unknown', title: 'This print is not watched', text: vigil.watch.reason });
  }
  const grave = (message: Message): number => ['danger', 'attention', 'unknown'].indexOf(message.mark);
  return told.toSorted((one, other) => grave(one) - grave(other));
}
