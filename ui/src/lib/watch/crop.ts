import type { Crop } from '$lib/bindings/Crop';

/** All of a picture, in thousandths. */
export const ALL: Crop = { x: 0, y: 0, w: 1000, h: 1000 };

/** The part of the whole picture that a part of the one shown is. */
export function cropWithin(shown: Crop, part: Crop): Crop {
  const x = shown.x + Math.round((part.x * shown.w) / 1000);
  const y = shown.y + Math.round((part.y * shown.h) / 1000);
  const w = Math.min(Math.round((part.w * shown.w) / 1000), 1000 - x);
  const h = Math.min(Math.round((part.h * shown.h) / 1000), 1000 - y);
  return { x, y, w, h };
}

/** Less than a tenth of a side is no picture to watch by. */
export const tooSmall = (crop: Crop): boolean => crop.w < 100 || crop.h < 100;
