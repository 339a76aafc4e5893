import type { AlertView } from '$lib/bindings/AlertView';

export interface StripFrame {
  id: number;
  label: string;
}

/** At most `count` frames, evenly spread, the one that decided last. Labels are seconds before it. */
export function strip(alert: Pick<AlertView, 'before' | 'frame'>, count: number): StripFrame[] {
  const before = alert.before.filter((id) => id !== alert.frame);
  const wanted = Math.min(count - 1, before.length);
  const chosen: StripFrame[] = [];
  for (let i = 0; i < wanted; i++) {
    const at = wanted === 1 ? 0 : Math.round((i * (before.length - 1)) / wanted);
    const id = before[at];
    if (id === undefined || chosen.some((f) => f.id === id)) continue;
    // The frames cover the minute evenly.
    const secs = Math.round(60 * (1 - at / before.length));
    chosen.push({ id, label: `−${secs} s` });
  }
  return [...chosen, { id: alert.frame, label: '0 s' }];
}
