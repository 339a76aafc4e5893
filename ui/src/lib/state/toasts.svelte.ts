import type { DotState } from '$lib/bindings/DotState';
import type { Notice } from '$lib/bindings/Notice';
import { sentencesBut } from '$lib/format/words';
import type { NoticeKind } from '$lib/bindings/NoticeKind';

export interface Toast {
  id: number;
  mark: DotState;
  title: string;
  text: string;
  /** Tells of a fire drill: must look like no real alert. */
  rehearsal: boolean;
  /** Takes back what the toast tells of. */
  undo?: () => void;
  /** Leads to what the toast tells of. */
  show?: (() => void) | undefined;
}

// Newer kinds than this page knows are shown too.
const MARKS: Record<NoticeKind, DotState> & Partial<Record<string, DotState>> = {
  printer_silent: 'danger',
  failure_paused: 'danger',
  failure_alert: 'attention',
  first_layer: 'attention',
  drill: 'unknown',
  not_watching: 'unknown',
  watching_again: 'ok',
  print_done: 'ok',
  print_cancelled: 'unknown',
  print_interrupted: 'danger',
  pause_unconfirmed: 'danger',
  printer_halted: 'danger',
  heater_fault: 'danger',
  filament_change: 'attention',
  history_lost: 'attention',
  bed_off: 'attention',
  queued: 'ok',
};

/** Short messages in the corner. What needs an answer is never only here. */
export class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  error(text: string): void {
    this.#push('danger', 'That did not work', text, 12_000);
  }

  info(text: string): void {
    this.#push('ok', text, '', 6_000);
  }

  warn(title: string, text: string): void {
    this.#push('attention', title, text, 12_000);
  }

  /** Tells what was done, with a way back. */
  undo(text: string, undo: () => void): void {
    this.#push('ok', text, '', 15_000, { undo });
  }

  notice(notice: Notice, printer?: string, show?: () => void): void {
    const title = printer ? `${printer}: ${notice.title}` : notice.title;
    const rehearsal = notice.kind === 'drill';
    this.#push(MARKS[notice.kind], title, sentencesBut(notice.title, notice.text), 10_000, {
      rehearsal,
      show,
    });
  }

  drop(id: number): void {
    this.list = this.list.filter((t) => t.id !== id);
  }

  #push(mark: DotState, title: string, text: string, ms: number, more: Partial<Toast> = {}): void {
    const id = this.#next++;
    // The same words twice are said once.
    const rest = this.list.filter((t) => t.title !== title || t.text !== text);
    this.list = [...rest, { rehearsal: false, ...more, id, mark, title, text }].slice(-4);
    setTimeout(() => this.drop(id), ms);
  }
}
