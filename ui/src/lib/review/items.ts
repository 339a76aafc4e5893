import type { ReviewItem, ReviewRef } from '$lib/api/review';
import type { DotState } from '$lib/bindings/DotState';
import type { FrameAnswer } from '$lib/bindings/FrameAnswer';
import { clamp } from '$lib/format/numbers';
import { span, unix } from '$lib/format/time';

/** Names an item among all kinds. */
export const keyOf = (item: ReviewItem): string => `${item.kind}-${item.print}-${item.id}`;
export const refOf = ({ kind, print, id }: ReviewItem): ReviewRef => ({ kind, print, id });

/** Seconds that an item lasts. */
export function lasts(item: Pick<ReviewItem, 'at' | 'until'>): number {
  return Math.max(0, (unix(item.until) ?? 0) - (unix(item.at) ?? 0));
}

export function titleOf(item: ReviewItem): string {
  switch (item.kind) {
    case 'alert':
      return item.paused ? 'Possible failure · paused' : 'Possible failure · alert';
    case 'sighting':
      return 'Weak detection';
    case 'gap':
      return `Not watched · ${span(lasts(item))}`;
  }
}

export function markState(item: ReviewItem): DotState {
  switch (item.kind) {
    case 'alert':
      return item.paused ? 'danger' : 'attention';
    case 'sighting':
      return 'attention';
    case 'gap':
      return 'unknown';
  }
}

/** What a person said of it, or whether it is new. */
export function answerWord(item: ReviewItem): { text: string; cls: string; icon: 'cross' | 'check' | null } {
  const said: Record<FrameAnswer, { text: string; cls: string; icon: 'cross' | 'check' | null }> = {
    failure: { text: 'Failure', cls: 'danger', icon: 'cross' },
    fine: { text: 'Fine', cls: 'ok', icon: 'check' },
    unsure: { text: 'Not sure', cls: 'attention', icon: null },
  };
  if (item.answer) return said[item.answer];
  return item.reviewed_at
    ? { text: 'Reviewed', cls: '', icon: null }
    : { text: 'New', cls: 'new', icon: null };
}

/** `hex-planter, layer 54` */
export function whereIn(item: Pick<ReviewItem, 'filename' | 'layer'>): string {
  const stem = item.filename.replace(/(\.(gcode|gco|g|bgcode|3mf|ufp))+$/i, '');
  return item.layer === null ? stem : `${stem}, layer ${item.layer + 1}`;
}

/** Older ones first found are not shown twice. */
export function joined(old: readonly ReviewItem[], more: readonly ReviewItem[]): ReviewItem[] {
  const known = new Set(old.map(keyOf));
  return [...old, ...more.filter((item) => !known.has(keyOf(item)))];
}

/** The item that a key leads to; `columns` lie side by side. `null`: no key of ours. */
export function stepped(at: number, count: number, key: string, columns: number): number | null {
  const by: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  if (count === 0) return null;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = by[key];
  if (step === undefined) return null;
  if (at < 0) return 0;
  const next = at + step;
  // A last row that is not full is reached from the one above it; the first row has none above.
  if (Math.abs(step) > 1 && (next < 0 || (next >= count && at >= count - 1))) return at;
  return clamp(next, 0, count - 1);
}

/** What is chosen after a click: one more or less with Ctrl, from the last one to here with Shift. */
export function picked(
  order: readonly string[],
  chosen: ReadonlySet<string>,
  from: string | null,
  to: string,
  how: 'one' | 'range',
): Set<string> {
  const next = new Set(chosen);
  if (how === 'one') {
    if (!next.delete(to)) next.add(to);
    return next;
  }
  const ends = [from === null ? -1 : order.indexOf(from), order.indexOf(to)];
  const [low = 0, high = 0] = ends[0] === -1 ? [ends[1], ends[1]] : [Math.min(...ends), Math.max(...ends)];
  for (const key of order.slice(low, high + 1)) next.add(key);
  return next;
}

/** Seven days up to today, or as many weeks earlier, in the time of this place. */
export function weekOf(now: Date, ago: number): { from: Date; to: Date } {
  const at = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  return { from: at(-6 - 7 * ago), to: at(1 - 7 * ago) };
}

/** The items of each day of a week, the latest day first; days without any are kept. */
export function byDay(
  items: readonly ReviewItem[],
  from: Date,
  to: Date,
): { day: Date; items: ReviewItem[] }[] {
  const days: { day: Date; items: ReviewItem[] }[] = [];
  for (let d = new Date(from); d < to; d = new Date(d.getFullYear(), d.getMonth(), d.getDate() + 1)) {
    const next = new Date(d.getFullYear(), d.getMonth(), d.getDate() + 1);
    const of = items.filter((item) => {
      const at = (unix(item.at) ?? 0) * 1000;
      return at >= d.getTime() && at < next.getTime();
    });
    days.push({ day: d, items: of.sort((a, b) => a.at.localeCompare(b.at)) });
  }
  return days.reverse();
}
