import { say } from '$lib/api/errors';
import { markReviewed, review, type ReviewItem, type ReviewKind } from '$lib/api/review';
import type { FrameAnswer } from '$lib/bindings/FrameAnswer';
import { locale } from '$lib/locale';
import type { App } from '$lib/state/app.svelte';
import type { Badge } from '$lib/state/badge.svelte';
import { joined, keyOf, refOf, picked, stepped } from './items';

const PAGE = 60;

/** A stretch of time that the list is held to. */
export interface Days {
  from: Date;
  to: Date;
  name: string;
}

/** What the watch noticed, to be looked through: the new first, the newest of them first. */
export class Review {
  kind = $state<ReviewKind>('alert');
  printer = $state<number | null>(null);
  answer = $state<FrameAnswer | 'none' | ''>('');
  days = $state.raw<Days | null>(null);
  items = $state.raw<ReviewItem[]>([]);
  /** New ones and all, of what is asked for. */
  sums = $state.raw<{ unreviewed: number; looked: number } | null>(null);
  more = $state(false);
  loading = $state(false);
  fault = $state('');
  focus = $state<string | null>(null);
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  /** The clip that plays in its card. */
  playing = $state<string | null>(null);
  #anchor: string | null = null;
  #phase: 'new' | 'old' = 'new';
  #old = 0;
  #turn = 0;

  readonly at = $derived(this.items.findIndex((item) => keyOf(item) === this.focus));
  readonly focused = $derived(this.items[this.at] ?? null);
  /** Whom an answer is about: those that are chosen, else the one in focus. */
  readonly meant = $derived(
    this.chosen.size > 0
      ? this.items.filter((item) => this.chosen.has(keyOf(item)))
      : this.focused
        ? [this.focused]
        : [],
  );

  constructor(
    private readonly app: App,
    private readonly badge: Badge,
  ) {}

  /** Begins anew, with what is asked for now. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    this.#phase = 'new';
    this.#old = 0;
    this.chosen = new Set();
    this.playing = null;
    const before = this.focus;
    this.loading = true;
    try {
      const fresh = await this.#page(false, 0);
      let { items } = fresh;
      this.sums = { unreviewed: fresh.unreviewed, looked: 0 };
      if (fresh.items.length < PAGE) {
        const seen = await this.#page(true, 0);
        this.#phase = 'old';
        this.#old = seen.items.length;
        items = joined(items, seen.items);
        this.sums = { unreviewed: fresh.unreviewed, looked: seen.count };
      }
      if (turn !== this.#turn) return;
      this.items = items;
      this.more = this.#phase === 'new' || this.#old === PAGE;
      this.fault = '';
      if (!items.some((item) => keyOf(item) === before)) this.focus = items[0] ? keyOf(items[0]) : null;
    } catch (error) {
      if (turn === this.#turn) this.fault = say(error);
    }
    if (turn === this.#turn) this.loading = false;
  }

  async loadMore(): Promise<void> {
    if (!this.more || this.loading) return;
    const turn = this.#turn;
    this.loading = true;
    try {
      const old = this.#phase === 'old';
      // Those that were looked at meanwhile are no longer among the new ones.
      const start = old ? this.#old : this.items.filter((item) => !item.reviewed_at).length;
      const page = await this.#page(old, start);
      if (turn !== this.#turn) return;
      this.items = joined(this.items, page.items);
      if (old) this.#old += page.items.length;
      const full = page.items.length === PAGE;
      this.more = full || !old;
      if (!full && !old) this.#phase = 'old';
    } catch (error) {
      if (turn === this.#turn) this.fault = say(error);
    }
    if (turn === this.#turn) this.loading = false;
  }

  /** Moves the focus by a key. Returns whether it was one. */
  step(key: string, columns: number): boolean {
    const next = stepped(this.at, this.items.length, key, columns);
    const item = next === null ? undefined : this.items[next];
    if (!item) return false;
    this.focus = keyOf(item);
    if (next !== null && next > this.items.length - 12) void this.loadMore();
    return true;
  }

  pick(item: ReviewItem, how: 'one' | 'range'): void {
    const key = keyOf(item);
    this.chosen = picked(this.items.map(keyOf), this.chosen, this.#anchor ?? this.focus, key, how);
    this.#anchor = key;
    this.focus = key;
  }

  clear(): void {
    this.chosen = new Set();
    this.#anchor = null;
  }

  /** Says that items were looked at, or are new again; an answer goes with it. */
  async mark(
    items: readonly ReviewItem[],
    seen: 'seen' | 'new',
    answer?: FrameAnswer | null,
  ): Promise<boolean> {
    const able = answer === undefined ? items : items.filter((item) => item.kind !== 'gap');
    if (able.length === 0) return false;
    const asked = markReviewed(this.app.client, able.map(refOf), seen === 'seen', answer);
    if (!(await this.app.attempt(asked))) return false;
    const changed = new Set(able.map(keyOf));
    const now = new Date().toISOString();
    this.items = this.items.map((item) =>
      changed.has(keyOf(item))
        ? {
            ...item,
            reviewed_at: seen === 'seen' ? (item.reviewed_at ?? now) : null,
            answer: answer === undefined ? item.answer : answer,
          }
        : item,
    );
    const fresh = able.filter((item) => !item.reviewed_at).length;
    if (this.sums) {
      const by = seen === 'seen' ? fresh : fresh - able.length;
      this.sums = { unreviewed: this.sums.unreviewed - by, looked: this.sums.looked + by };
    }
    await this.badge.refresh();
    return true;
  }

  /** Opened means looked at. */
  opened(item: ReviewItem): void {
    this.focus = keyOf(item);
    if (!item.reviewed_at) void this.mark([item], 'seen');
  }

  /** Answers for all that are meant; the same answer again takes it back. */
  async say(what: FrameAnswer): Promise<void> {
    const { meant } = this;
    const same = meant.length > 0 && meant.every((item) => item.answer === what);
    const several = this.chosen.size > 0;
    if ((await this.mark(meant, 'seen', same ? null : what)) && several) this.clear();
  }

  /** Looked at; when all of them are, new again. */
  seen(): void {
    const old = this.meant.length > 0 && this.meant.every((item) => item.reviewed_at);
    void this.mark(this.meant, old ? 'new' : 'seen');
  }

  play(item: ReviewItem, how: 'play' | 'stop'): void {
    this.playing = how === 'play' && item.evidence_url ? keyOf(item) : null;
    if (how === 'stop') return;
    this.opened(item);
    if (!item.evidence_url) this.app.toasts.info('No clip of this was kept.');
  }

  /** Brings an item of any kind and day into view. */
  find(item: ReviewItem): void {
    this.kind = item.kind;
    this.focus = keyOf(item);
    if (this.items.some((other) => keyOf(other) === keyOf(item))) return;
    const at = new Date(item.at);
    const from = new Date(at.getFullYear(), at.getMonth(), at.getDate());
    const to = new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1);
    this.days = { from, to, name: from.toLocaleDateString(locale, { day: 'numeric', month: 'short' }) };
  }

  #page(reviewed: boolean, start: number) {
    return review(this.app.client, {
      kind: this.kind,
      printer: this.printer ?? undefined,
      answer: this.answer || undefined,
      from: this.days?.from.toISOString(),
      to: this.days?.to.toISOString(),
      reviewed,
      start,
      limit: PAGE,
    });
  }
}
