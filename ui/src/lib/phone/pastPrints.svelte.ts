import type { Client } from '$lib/api/client';
import { say } from '$lib/api/errors';
import { NO_CHOICE, prints } from '$lib/api/history';
import type { PrintOutcome } from '$lib/bindings/PrintOutcome';
import type { PrintView } from '$lib/bindings/PrintView';

/** Rows read at once: some screens of a phone. */
export const PAGE = 30;
/** The core gives no more rows at once. */
const MOST = 500;

/** Past prints as a phone lists them, newest first; more are read as the list is scrolled. */
export class PastPrints {
  rows = $state.raw<PrintView[]>([]);
  /** Nothing comes after `rows`. */
  complete = $state(false);
  busy = $state(false);
  fault = $state('');
  result = $state<PrintOutcome | ''>('');
  /** How far the list was scrolled when it was left, px. */
  scrolled = 0;
  #turn = 0;

  constructor(private readonly client: Client) {}

  async choose(result: PrintOutcome | ''): Promise<void> {
    this.result = result;
    this.rows = [];
    this.scrolled = 0;
    await this.load();
  }

  /** Reads anew what is shown: a print has begun or ended, or the connection is back. */
  async load(): Promise<void> {
    await this.#read(0, Math.min(MOST, Math.max(PAGE, this.rows.length)));
  }

  async more(): Promise<void> {
    if (!this.busy && !this.complete) await this.#read(this.rows.length, PAGE);
  }

  /** Takes over what a person has just answered. */
  put(print: PrintView): void {
    this.rows = this.rows.map((row) => (row.id === print.id ? print : row));
  }

  async #read(start: number, limit: number): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    try {
      const read = await prints(this.client, { ...NO_CHOICE, result: this.result }, start, limit);
      if (turn !== this.#turn) return;
      // A print that began meanwhile moves the others on by one.
      const before = this.rows.slice(0, start);
      const known = new Set(before.map((row) => row.id));
      this.rows = [...before, ...read.filter((row) => !known.has(row.id))];
      this.complete = read.length < limit;
      this.fault = '';
    } catch (error) {
      if (turn === this.#turn) this.fault = say(error);
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }
}
