import type { FilamentPrice } from '$lib/bindings/FilamentPrice';
import type { GCodeFile } from '$lib/bindings/GCodeFile';
import { money } from '$lib/spools/money';
import { facts } from './facts';

/** Of most printers, mm. */
const USUAL_MM = 1.75;
/** Of PLA, g/cm³. */
const USUAL_DENSITY = 1.24;

/**
 * What so much filament weighs: by what its file says of a millimetre, else as the usual PLA would. `diameter`: of the
 * printer's filament, mm, where the file names none.
 */
export function grams(
  mm: number | null,
  file: Pick<GCodeFile, 'metadata_json' | 'filament_total'> | null,
  diameter = USUAL_MM,
): number | null {
  if (mm === null) return null;
  const about = file ? facts(file) : null;
  const length = file?.filament_total ?? 0;
  if (about?.grams != null && length > 0) {
    const thicker = about.namesDiameter ? 1 : (diameter / USUAL_MM) ** 2;
    return ((mm * about.grams) / length) * thicker;
  }
  return (mm * (Math.PI / 4) * diameter ** 2 * USUAL_DENSITY) / 1000;
}

/** `0.42 €`; nothing while no price is known, and nothing for nothing. */
export function cost(weight: number | null, price: FilamentPrice | null): string {
  if (weight === null || weight <= 0 || price?.per_kg == null) return '';
  return money((weight / 1000) * price.per_kg, price.currency);
}
