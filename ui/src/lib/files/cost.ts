import type { FilamentPrice } from '$lib/bindings/FilamentPrice';
import type { GCodeFile } from '$lib/bindings/GCodeFile';
import { facts } from './facts';

/** Grams in a millimetre of PLA of 1.75 mm: pi/4 x 1.75² mm² x 1.24 g/cm³. */
const USUAL_GRAMS_PER_MM = ((Math.PI / 4) * 1.75 ** 2 * 1.24) / 1000;

/** What so much filament weighs: by what its file says of a millimetre, else as the usual PLA would. */
export function grams(
  mm: number | null,
  file: Pick<GCodeFile, 'metadata_json' | 'filament_total'> | null,
): number | null {
  if (mm === null) return null;
  const [whole, length] = [file ? facts(file).grams : null, file?.filament_total ?? 0];
  return mm * (whole !== null && length > 0 ? whole / length : USUAL_GRAMS_PER_MM);
}

/** `0.42 €`; nothing while no price is known, and nothing for nothing. */
export function cost(weight: number | null, price: FilamentPrice | null): string {
  if (weight === null || weight <= 0 || price?.per_kg == null) return '';
  const amount = (weight / 1000) * price.per_kg;
  const number = amount >= 1000 ? amount.toFixed(0) : amount < 0.01 ? 'under 0.01' : amount.toFixed(2);
  return `${number} ${price.currency}`.trim();
}
