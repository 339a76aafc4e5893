import { say } from '$lib/api/errors';
import { countPrints, NO_CHOICE, prints, type PrintChoice } from '$lib/api/history';
import type { PrintView } from '$lib/bindings/PrintView';
import type { App } from '$lib/state/app.svelte';
import { daysOf, PAGE, pagesOf, type Period } from './rows';

/** The core gives no more rows at once. */
const MOST = 500;

/** Past prints, as many as there are: only those that are looked at are read. */
export class PrintList {
  choice = $state.raw<PrintChoice>(NO_CHOICE);
  period = $state<Period>('weeks');
  count = $state<number | null>(null);
  bytes = $state(0);
  fault = $state('');
  /** Rises when rows came in. */
  arrived = $state(0);
  chosen = $state.raw<ReadonlySet<number>>(new Set());
  #rows = new Map<number, PrintView>();
  #asked = new Set<number>();
  #turn = 0;
  #anchor: number | null = null;

  /** The choice with the days of the period; days that a person typed win. */
  readonly whole = $derived<PrintChoice>({
    ...this.choice,
    ...(this.choice.from || this.choice.to ? {} : daysOf(this.period, new Date())),
  });
  readonly filtered = $derived(JSON.stringify(this.choice) !== JSON.stringify(NO_CHOICE));

  constructor(private readonly app: App) {}

  row(at: number): PrintView | null {
    void this.arrived;
    return this.#rows.get(at) ?? null;
  }

  set(change: Partial<PrintChoice>): void {
    this.choice = { ...this.choice, ...change };
  }

  /** Reads anew: the choice is another, or something was deleted. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    const choice = this.whole;
    try {
      const [sum, first] = await Promise.all([
        // A core that cannot count yet still lists.
        countPrints(this.app.client, choice).catch(() => null),
        prints(this.app.client, choice, 0, PAGE),
      ]);
      if (turn !== this.#turn) return;
      this.#rows = new Map(first.map((print, i) => [i, print]));
      this.#asked = new Set([0]);
      this.count = sum?.count ?? first.length;
      this.bytes = sum?.media_bytes ?? 0;
      this.chosen = new Set();
      this.fault = '';
      this.arrived++;
    } catch (error) {
      if (turn === this.#turn) this.fault = say(error);
    }
  }

  /** Reads the pages on which these rows lie, each once. */
  async need(from: number, to: number): Promise<void> {
    const turn = this.#turn;
    for (const page of pagesOf(from, to)) {
      if (this.#asked.has(page)) continue;
      this.#asked.add(page);
      try {
        const rows = await prints(this.app.client, this.whole, page * PAGE, PAGE);
        if (turn !== this.#turn) return;
        rows.forEach((print, i) => this.#rows.set(page * PAGE + i, print));
        this.arrived++;
      } catch (error) {
        this.#asked.delete(page);
        if (turn === this.#turn) this.fault = say(error);
        return;
      }
    }
  }

  /** Chooses one more or less; with Shift all from the last one to here. */
  pick(at: number, how: 'one' | 'range'): void {
    const next = new Set(this.chosen);
    const print = this.#rows.get(at);
    if (!print) return;
    if (how === 'range' && this.#anchor !== null) {
      const [low, high] = [Math.min(at, this.#anchor), Math.max(at, this.#anchor)];
      for (let n = low; n <= high; n++) {
        const id = this.#rows.get(n)?.id;
        if (id !== undefined) next.add(id);
      }
    } else if (!next.delete(print.id)) next.add(print.id);
    this.#anchor = at;
    this.chosen = next;
  }

  clear(): void {
    this.chosen = new Set();
    this.#anchor = null;
  }

  /** All that the filters leave, also those that were not read yet. */
  async chooseAll(): Promise<void> {
    const ids: number[] = [];
    const turn = this.#turn;
    for (let start = 0; turn === this.#turn; start += MOST) {
      const rows = await this.app.attempt(prints(this.app.client, this.whole, start, MOST));
      if (!rows || turn !== this.#turn) return;
      ids.push(...rows.map((print) => print.id));
      if (rows.length < MOST) break;
    }
    this.chosen = new Set(ids);
  }
}
