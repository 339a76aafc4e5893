import type { Dial } from '$lib/bindings/Dial';
import type { PauseAt } from '$lib/bindings/PauseAt';

/** Where a print pauses by itself; layers count from 1 for people. */
export function pauseAtText(at: PauseAt): string {
  return 'layer' in at ? `Pauses before layer ${at.layer + 1}.` : `Pauses at a height of ${at.height} mm.`;
}

/** Nine steps from low to high: the class of a height on the picture of the bed. */
export function heightStep(mm: number | null, least: number, most: number): number | null {
  if (mm === null) return null;
  if (most - least < 1e-9) return 4;
  return Math.min(8, Math.floor(((mm - least) / (most - least)) * 9));
}

/** Difference of the highest and the lowest point, in words for a hobbyist. */
export function bedWords(range: number): string {
  if (range <= 0.1) return 'Very flat.';
  if (range <= 0.3) return 'Fine: the printer evens this out by itself.';
  if (range <= 0.6) return 'Uneven: turn the knobs of the low corners, then probe again.';
  return 'Far off: level the bed by hand first, then probe again.';
}

/** Who says so, beside a value in percent. */
export function dialSource(dial: Dial): string {
  if (dial.ordered !== null) return 'ordered, not confirmed yet';
  switch (dial.source) {
    case 'printer':
      return 'told by the printer';
    case 'file':
      return 'set by the file';
    case 'here':
      return 'set here';
    case 'unknown':
      return 'not known';
  }
}
