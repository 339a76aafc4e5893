import type { Sight } from '$lib/api/types';
import { clamp } from '$lib/format/numbers';

/** A point, or a pair of sides, in fractions of a picture's width and height. */
export interface Share {
  x: number;
  y: number;
}

/** Width and height of a closer view, as a share of the picture's. */
export const CLOSER = 0.5;

const TURNS = 7;
const STEPS = 140;

/** A tangle within a circle of radius 1 around 0, as a line: loops of several widths, always the same. */
export function tangle(): Share[] {
  return Array.from({ length: STEPS }, (_, n) => {
    const t = (n / STEPS) * TURNS * 2 * Math.PI;
    const wide = 0.55 + 0.35 * Math.sin(t * 0.37 + 1) + 0.1 * Math.sin(t * 1.7);
    return { x: wide * Math.cos(t) * 0.98, y: wide * Math.sin(t * 1.13 + 0.4) * 0.98 };
  });
}

/** Where the closer view around a point begins: inside the picture. */
export function closerAt(middle: Share): Share {
  const begin = (v: number): number => clamp(v - CLOSER / 2, 0, 1 - CLOSER);
  return { x: begin(middle.x), y: begin(middle.y) };
}

/** What a person is told about the size that matters. */
export function sightWords(sight: Sight): { head: string; text: string } {
  if (sight.smallest === null) {
    return {
      head: 'This model does not tell how small a failure it notices.',
      text: 'The rule of thumb: what you cannot make out in these pictures, it cannot either. Move the camera closer until the print fills them.',
    };
  }
  return {
    head: `The smallest failure that it notices is about this large: ${Math.round(sight.smallest * 100)} % of the picture’s width.`,
    text: 'Of tangles of that width it noticed seven in ten when it was measured; smaller and thinner ones it mostly misses. Is your print small or far away here? Move the camera closer, until the print and its surroundings just fit.',
  };
}
