import type { Care } from '$lib/bindings/Care';

export const UNITS: readonly { value: Care['unit']; text: string; short: string; usual: number }[] = [
  { value: 'hours', text: 'hours of printing', short: 'h', usual: 200 },
  { value: 'filament_m', text: 'metres of filament', short: 'm', usual: 1000 },
  { value: 'prints', text: 'prints', short: 'prints', usual: 50 },
];

/** `Nozzle: 188 of 200 h` */
export function careWords(care: Pick<Care, 'name' | 'unit' | 'every' | 'used'>): string {
  const unit = UNITS.find((u) => u.value === care.unit)?.short ?? '';
  return `${care.name}: ${Math.round(care.used)} of ${Math.round(care.every)} ${unit}`;
}

/** The one that wants care first. */
export function soonest<T extends Pick<Care, 'every' | 'used'>>(cares: readonly T[]): T | null {
  return [...cares].sort((a, b) => b.used / b.every - a.used / a.every)[0] ?? null;
}
