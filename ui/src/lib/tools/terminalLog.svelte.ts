import type { TerminalLine, TerminalPage } from '$lib/api/tools';
import { kindOf, type LineKind } from './lines';

/** Lines kept. */
const KEPT = 100_000;
/** When more are kept than this, the oldest are cut off at once, not one by one. */
const CUT_AT = 110_000;
const FIRST = 5_000;
const EVERY_MS = 300;

export interface Shown extends TerminalLine {
  kind: LineKind;
}

/**
 * The last lines on the wire, fetched while somebody looks. Filters change what is shown, not what is kept.
 * Nothing here reads what it writes: an effect may call any of it.
 */
export class TerminalLog {
  /** What passes the filters, oldest first; replaced whole, never changed in place. */
  shown = $state.raw<readonly Shown[]>([]);
  failed = $state(false);
  #all: Shown[] = [];
  #passing: Shown[] = [];
  #after = 0;
  #hidden = new Set<LineKind>();
  #query = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(private readonly fetchPage: (after: number, limit: number) => Promise<TerminalPage>) {}

  start(): void {
    this.#stopped = false;
    void this.#round();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  get kept(): number {
    return this.#all.length;
  }

  filter(hidden: ReadonlySet<LineKind>, query: string): void {
    this.#hidden = new Set(hidden);
    this.#query = query.trim().toLowerCase();
    this.#show(this.#all.filter((line) => this.#passes(line)));
  }

  /** Empties the list; what comes afterwards is shown. */
  clear(): void {
    this.#all = [];
    this.#show([]);
  }

  take(page: TerminalPage): void {
    if (page.lines.length === 0) return;
    this.#after = page.next;
    let passing = this.#passing;
    for (const line of page.lines) {
      const shown: Shown = { ...line, kind: kindOf(line) };
      this.#all.push(shown);
      if (this.#passes(shown)) passing.push(shown);
    }
    if (this.#all.length > CUT_AT) {
      this.#all = this.#all.slice(-KEPT);
      const first = this.#all[0]?.seq ?? 0;
      passing = passing.filter((line) => line.seq >= first);
    }
    this.#show(passing);
  }

  /** The list gets a copy: a new one is how it learns of new lines. */
  #show(passing: Shown[]): void {
    this.#passing = passing;
    this.shown = passing.slice();
  }

  #passes(line: Shown): boolean {
    return !this.#hidden.has(line.kind) && (!this.#query || line.text.toLowerCase().includes(this.#query));
  }

  async #round(): Promise<void> {
    let more = false;
    try {
      const page = await this.fetchPage(this.#after, FIRST);
      this.failed = false;
      more = page.more;
      this.take(page);
    } catch {
      this.failed = true;
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#round(), more ? 0 : EVERY_MS);
  }
}
