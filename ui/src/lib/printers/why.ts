import type { WatchView } from '$lib/bindings/WatchView';

/** The level in words, against its own thresholds. */
export function levelWords(watch: WatchView): string {
  const { level, warn_above: warn, pause_above: pause } = watch;
  if (level > pause) {
    return 'Far more of the last pictures look failed than is usual for this printer: enough to pause.';
  }
  if (level > warn) {
    const share = Math.round(((level - warn) / Math.max(pause - warn, 1e-6)) * 100);
    return `More of the last pictures look failed than usual: enough for an alert, ${share} % of the way to a pause.`;
  }
  if (level > warn / 2) {
    return 'Some of the last pictures look like a failure, but fewer than an alert needs. It goes on looking.';
  }
  // A box may lie over the picture all the same.
  const best = watch.boxes[0];
  if (best) {
    return `Something looks failed in the last picture (${Math.round(best.confidence * 100)} %). One picture alone is not enough for an alert.`;
  }
  return 'The last pictures look as this printer usually does. Nothing looks failed.';
}
