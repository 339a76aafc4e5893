import type { GroupBy } from '$lib/bindings/GroupBy';
import type { PrintChoice, StatGroup } from '$lib/api/history';
import type { DotState } from '$lib/bindings/DotState';
import { clamp } from '$lib/format/numbers';
import { locale } from '$lib/locale';

/** How far back the figures go. */
export type Period = 'week' | 'weeks' | 'year' | 'all';
/** How long one group of the figures is then. */
export const GROUP_BY: Record<Period, GroupBy> = { week: 'day', weeks: 'week', year: 'month', all: 'month' };

/** Rows fetched at once. */
export const PAGE = 60;

/** Rows to be drawn: those that are seen, and a few around them, so that scrolling shows no holes. */
export function seen(top: number, height: number, row: number, count: number): { from: number; to: number } {
  const around = 8;
  const from = clamp(Math.floor(top / row) - around, 0, count);
  return { from, to: clamp(Math.ceil((top + height) / row) + around, from, count) };
}

/** Pages that rows lie on. */
export function pagesOf(from: number, to: number): number[] {
  if (to <= from) return [];
  const first = Math.floor(from / PAGE);
  return Array.from({ length: Math.floor((to - 1) / PAGE) - first + 1 }, (_, i) => first + i);
}

const iso = (date: Date): string =>
  `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;

/** The days of a period that ends today; nothing for all of time. */
export function daysOf(period: Period, now: Date): Pick<PrintChoice, 'from' | 'to'> {
  const back: Record<Exclude<Period, 'all'>, number> = { week: 6, weeks: 55, year: 364 };
  if (period === 'all') return { from: '', to: '' };
  const at = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  return { from: iso(at(-back[period])), to: iso(at(0)) };
}

/** What a bar is made of, from below. */
export const PARTS: readonly { key: Exclude<keyof StatGroup, 'key'>; text: string; mark: DotState }[] = [
  { key: 'finished', text: 'Finished', mark: 'ok' },
  { key: 'failed', text: 'Failed', mark: 'danger' },
  { key: 'interrupted', text: 'Interrupted', mark: 'attention' },
  { key: 'cancelled', text: 'Cancelled', mark: 'unknown' },
];

export interface Bar {
  key: string;
  label: string;
  parts: { key: string; count: number; y: number; height: number }[];
  words: string;
}

/** Bars in a box of `height`, and the numbers beside it. */
export function bars(
  groups: readonly StatGroup[],
  period: Period,
  height: number,
): { bars: Bar[]; marks: { count: number; y: number }[] } {
  const sum = (g: StatGroup) => PARTS.reduce((all, part) => all + g[part.key], 0);
  const most = Math.max(1, ...groups.map(sum));
  const step = niceStep(most);
  const top = Math.ceil(most / step) * step;
  const scale = height / top;
  const marks = Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => ({
    count: i * step,
    y: height - i * step * scale,
  }));
  const made = groups.map((g) => {
    let y = height;
    const parts = PARTS.filter((part) => g[part.key] > 0).map((part) => {
      const tall = g[part.key] * scale;
      y -= tall;
      return { key: part.key, count: g[part.key], y, height: Math.max(0, tall - 1) };
    });
    const said = PARTS.filter((part) => g[part.key] > 0).map((p) => `${g[p.key]} ${p.text.toLowerCase()}`);
    const label = groupName(g.key, period);
    return { key: g.key, label, parts, words: `${label}: ${said.join(', ') || 'none'}` };
  });
  return { bars: made, marks };
}

/** A step of 1, 2 or 5 times a power of ten, two or three of them up to `most`. */
export function niceStep(most: number): number {
  const rough = most / 2.5;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  return Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? power * 10);
}

/** `Mon`, `22 Nov`, `Nov`: what a bar stands for. */
export function groupName(key: string, period: Period): string {
  const [y = 0, m = 1, d = 1] = key.slice(0, 10).split('-').map(Number);
  const date = new Date(y, m - 1, d);
  const form: Record<Period, Intl.DateTimeFormatOptions> = {
    week: { weekday: 'short' },
    weeks: { day: 'numeric', month: 'short' },
    year: { month: 'short' },
    all: { month: 'short', year: '2-digit' },
  };
  return date.toLocaleDateString(locale, form[period]);
}

/** How many prints of these times finished, and how many ended in any way. */
export function endsOf(groups: readonly StatGroup[]): { finished: number; all: number } {
  const sum = (of: (group: StatGroup) => number) => groups.reduce((all, group) => all + of(group), 0);
  return {
    finished: sum((g) => g.finished),
    all: sum((g) => g.finished + g.failed + g.cancelled + g.interrupted),
  };
}
