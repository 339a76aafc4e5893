import type { PrintShotFeedback } from '$lib/bindings/PrintShotFeedback';

type Shot = Pick<PrintShotFeedback, 'answered_at'>;

/** Where to begin: the first that nobody answered. */
export function firstOpen(shots: readonly Shot[]): number {
  return Math.max(
    0,
    shots.findIndex((shot) => shot.answered_at === null),
  );
}

/** The next that nobody answered, from the beginning again after the last; `null` when all are. */
export function nextOpen(shots: readonly Shot[], at: number): number | null {
  const after = shots.findIndex((shot, i) => i > at && shot.answered_at === null);
  if (after >= 0) return after;
  const first = shots.findIndex((shot) => shot.answered_at === null);
  return first >= 0 ? first : null;
}
