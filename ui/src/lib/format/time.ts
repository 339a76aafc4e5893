import { locale } from '$lib/locale';
import { hours, type HourChoice } from './hours.svelte';

/** With and without seconds, for each way to write a time of the day. */
const format = (hourCycle: 'h23' | 'h12', second: boolean) =>
  new Intl.DateTimeFormat(locale, {
    hour: hourCycle === 'h23' ? '2-digit' : 'numeric',
    minute: '2-digit',
    ...(second ? { second: '2-digit' } : {}),
    hourCycle,
  });
const clockFormats: Record<HourChoice, Intl.DateTimeFormat> = {
  '24': format('h23', false),
  '12': format('h12', false),
};
const exactFormats: Record<HourChoice, Intl.DateTimeFormat> = {
  '24': format('h23', true),
  '12': format('h12', true),
};
const dayFormat = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' });
const longFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });

/** Unix seconds of an ISO time; `null` when it is none. */
export function unix(iso: string | null | undefined): number | null {
  if (!iso) return null;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms / 1000;
}

/** `16:42`, or `4:42 PM` where that is wanted. */
export function clock(secs: number | null): string {
  return secs === null ? '–' : clockFormats[hours.choice].format(secs * 1000);
}

/** `14:32:10`, or `2:32:10 PM`. */
export function exact(secs: number | null): string {
  return secs === null ? '–' : exactFormats[hours.choice].format(secs * 1000);
}

/** `41 min`, `1 h 51 min`, `3 d 2 h`; under a minute in seconds. */
export function span(secs: number | null | undefined): string {
  if (secs === null || secs === undefined || !Number.isFinite(secs)) return '–';
  const s = Math.max(0, Math.round(secs));
  if (s < 60) return `${s} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `Today 14:01`, `Yesterday 18:20`, `Fri 20 Nov, 16:40`, `3 Mar 2025` when long ago. */
export function day(secs: number | null, now: number = Date.now() / 1000): string {
  if (secs === null) return '–';
  const midnight = new Date(now * 1000).setHours(0, 0, 0, 0) / 1000;
  if (secs >= midnight && secs < midnight + 86_400) return `Today ${clock(secs)}`;
  if (secs >= midnight - 86_400 && secs < midnight) return `Yesterday ${clock(secs)}`;
  if (Math.abs(now - secs) < 300 * 86_400) return `${dayFormat.format(secs * 1000)}, ${clock(secs)}`;
  return longFormat.format(secs * 1000);
}
