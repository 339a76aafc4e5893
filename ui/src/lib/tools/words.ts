import type { Area } from '$lib/bindings/Area';
import type { Dial } from '$lib/bindings/Dial';
import type { ObjectState } from '$lib/bindings/ObjectState';
import type { PauseAt } from '$lib/bindings/PauseAt';
import type { PrintObject } from '$lib/bindings/PrintObject';
import type { Tools } from '$lib/bindings/Tools';

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
  if (dial.ordered !== null) return 'not confirmed yet';
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

/** Millimetres with their sign. */
export const signedMm = (mm: number): string =>
  `${mm > 0 ? '+' : mm < 0 ? '−' : ''}${Math.abs(mm).toFixed(2)}`;

/** What is to be known of the nozzle's height: what it was saved as, why it was not or cannot be, until when it lasts. */
export function zSaveText(told: Tools, resting: boolean): string {
  const { save, cannot_save, holds, keeper, told_mm } = told.z_offset;
  const name = (of: typeof keeper) => (of === 'probe' ? 'probe offset' : 'home offset');
  if (save.state === 'under_way') return 'Being saved …';
  if (save.state === 'failed') return `Not saved: ${save.why}.`;
  if (save.state === 'saved')
    return `Saved. The printer tells ${signedMm(save.mm)} mm as its ${name(save.keeper)}, and that it stored it. Home it before you move it by hand.`;
  if (told.baby_mm === 0)
    return told_mm === null ? '' : `The printer's ${name(keeper)} is ${signedMm(told_mm)} mm.`;
  if (cannot_save)
    return `It lasts until the printer homes Z or is switched off; it cannot be saved from here: ${cannot_save}.`;
  const lasts = holds ? 'Not saved yet.' : 'Z was homed since, so it is not in force any more.';
  return `${lasts} ${resting ? 'Save keeps it for the next prints.' : 'It can be saved when the print has ended.'}`;
}

/** What becomes of an object of the print. */
export function objectText(state: ObjectState): string {
  switch (state) {
    case 'kept':
      return 'goes on';
    case 'printing':
      return 'being printed';
    case 'cancelled':
      return 'will be left out';
    case 'left_out':
      return 'left out';
  }
}

/** The bed, or what the objects take up where its size is not known, with what lies outside of it; mm. */
export function bedOf(
  objects: PrintObject[],
  area: Area | null,
): { min: [number, number]; max: [number, number] } {
  const corners = objects.flatMap((o) => (o.min_mm && o.max_mm ? [o.min_mm, o.max_mm] : []));
  if (area) corners.push([area.min[0], area.min[1]], [area.max[0], area.max[1]]);
  if (corners.length === 0) return { min: [0, 0], max: [1, 1] };
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return {
    min: [Math.min(...xs), Math.min(...ys)],
    max: [Math.max(...xs, Math.min(...xs) + 1), Math.max(...ys, Math.min(...ys) + 1)],
  };
}
