import { span } from '$lib/format/time';

/** A picture counts as live while it is no older than this. Slow network cameras give one in two seconds. */
export const LIVE_MS = 5_000;

/** How a camera's picture stands, by the age of the last frame and nothing else. */
export interface Picture {
  live: boolean;
  /** On the chip over the picture. */
  chip: string;
}

/**
 * `age` in milliseconds: since the newest frame came; `null` when its age is not known, or none came. `every_ms`: how
 * seldom the page asks for one.
 */
export function pictureState(shown: boolean, age: number | null, every_ms = 0): Picture {
  if (!shown) return { live: false, chip: 'No picture' };
  if (age === null) return { live: false, chip: 'Last picture' };
  if (age <= LIVE_MS + every_ms) return { live: true, chip: 'Live' };
  return { live: false, chip: `Last picture ${span(age / 1000)} ago` };
}
