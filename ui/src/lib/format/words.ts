import type { AlertOverwrite } from '$lib/bindings/AlertOverwrite';
import type { DotState } from '$lib/bindings/DotState';
import type { EventClass } from '$lib/bindings/EventClass';
import type { PrinterState } from '$lib/bindings/PrinterState';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { PrintView } from '$lib/bindings/PrintView';
import type { VigilView } from '$lib/bindings/VigilView';
import type { WatchView } from '$lib/bindings/WatchView';

/** The mark beside the state word. Unknown is never green. */
export function stateMark(vigil: VigilView): DotState {
  if (vigil.alarm || vigil.switch_off_now) return 'danger';
  if (vigil.alert) return vigil.alert.paused ? 'danger' : 'attention';
  return MARKS[vigil.state];
}

const MARKS: Record<PrinterState, DotState> = {
  offline: 'unknown',
  connecting: 'unknown',
  operational: 'ok',
  heating: 'ok',
  printing: 'ok',
  pausing: 'attention',
  paused: 'attention',
  resuming: 'attention',
  cancelling: 'attention',
  finishing: 'ok',
  link_lost: 'danger',
  halted: 'danger',
};

/** Heaters of Obico's names, for people. */
export function heaterName(key: string): string {
  if (key === 'bed') return 'Bed';
  if (key === 'chamber') return 'Chamber';
  const tool = /^tool(\d+)$/.exec(key)?.[1];
  return tool === undefined || tool === '0' ? 'Nozzle' : `Nozzle ${Number(tool) + 1}`;
}

/** What the gauge says in two words. */
export function watchWords(watch: WatchView): { text: string; mark: DotState } {
  if (!watch.watching || watch.gauge === null) return { text: 'Not watching', mark: 'unknown' };
  switch (watch.zone) {
    case 'pause':
      return { text: 'Likely failure', mark: 'danger' };
    case 'alert':
      return { text: 'Possible failure', mark: 'attention' };
    case 'fine':
      return { text: 'Looks fine', mark: 'ok' };
    case null:
      return { text: 'Not known yet', mark: 'unknown' };
  }
}

/** What a sensitivity does, in words. */
export function sensitivityWords(value: number): string {
  if (value <= 0.85)
    return 'Calm: only clear failures. Fewest false alarms, but small tangles may be missed.';
  if (value < 0.97) return 'A little calmer than usual: fewer false alarms, a little later.';
  if (value <= 1.03) return 'As usual: a good start for most printers.';
  if (value < 1.15) return 'A little keener than usual: sooner, with some more false alarms.';
  return 'Keen: the smallest tangle counts. Expect false alarms.';
}

/** How a print came out. A person's word stands above all. */
export function outcome(print: PrintView): { word: string; mark: DotState; detail: string } {
  const detail = detailOf(print);
  if (print.alert_overwrite === 'FAILED') return { word: 'Failed', mark: 'danger', detail };
  switch (print.vigil.ended_by) {
    case 'finished':
      return { word: 'Finished', mark: 'ok', detail };
    case 'cancelled':
      return { word: 'Cancelled', mark: 'unknown', detail };
    case 'interrupted':
      return { word: 'Interrupted', mark: 'danger', detail };
    case null:
      if (print.uploaded_at) return { word: 'Imported video', mark: 'unknown', detail };
      if (print.ended_at === null) return { word: 'Printing', mark: 'attention', detail };
      return print.finished_at
        ? { word: 'Finished', mark: 'ok', detail }
        : { word: 'Cancelled', mark: 'unknown', detail };
  }
}

function detailOf(print: PrintView): string {
  if (print.vigil.ended_why) return print.vigil.ended_why;
  if (!print.alerted_at) return '';
  if (print.alert_overwrite === 'NOT_FAILED') return 'Alert was a false alarm';
  return print.paused_at ? 'Paused by failure detection' : 'Alert';
}

export function verdictWord(verdict: AlertOverwrite | null): string {
  if (verdict === null) return 'Not answered yet';
  return verdict === 'FAILED' ? 'You said: it failed' : 'You said: it did not fail';
}

const CLASS_MARKS: Record<EventClass, DotState> = {
  ERROR: 'danger',
  WARNING: 'attention',
  SUCCESS: 'ok',
  INFO: 'unknown',
};

export function eventMark(cls: EventClass): DotState {
  return CLASS_MARKS[cls];
}

/**
 * The title of the window: what matters, seen from the task bar. What another printer than the shown one wants comes
 * first, and among several it says whose it is.
 */
export function titleOf(printer: PrinterView | null, all: readonly PrinterView[] = []): string {
  if (!printer) return 'Printvigil';
  const of = (p: PrinterView): string => (all.length > 1 ? `${p.name}: ` : '');
  const grave = [printer, ...all].find((p) => p.vigil.switch_off_now);
  if (grave) return `${of(grave)}Switch the printer off now · Printvigil`;
  const alerted = [printer, ...all].find((p) => p.vigil.alert);
  if (alerted) return `${of(alerted)}Possible failure · Printvigil`;
  const { vigil, status } = printer;
  const done = printer.current_print ? status.progress.completion : null;
  return `${done === null ? '' : `${Math.round(done)} % `}${of(printer)}${vigil.state_word} · Printvigil`;
}

/**
 * Texts as sentences: each with one full stop, however it came, and none said twice. `halted..` is a joint that shows.
 * `said` is what stands above it already.
 */
export function sentences(...texts: (string | null | undefined)[]): string {
  return sentencesBut('', ...texts);
}

export function sentencesBut(said: string, ...texts: (string | null | undefined)[]): string {
  const bare = (text: string) => text.replace(/[.!?]+$/, '').toLowerCase();
  const all = texts
    .map((text) => (text ?? '').trim())
    .filter(Boolean)
    .map((text) => (/[.!?…]["”’)]?$/.test(text) ? text : `${text}.`))
    .join(' ')
    .replace(/(^|[^.])\.\.(?!\.)/g, '$1.')
    .replace(/([.!?…]["”’)]?)\s+(?=[^a-z])/g, '$1\n')
    .split('\n');
  const seen = new Set([bare(said)]);
  return all
    .filter((text) => {
      const first = !seen.has(bare(text));
      seen.add(bare(text));
      return first;
    })
    .join(' ');
}
