// Layers of a file as the core sends them: lists as JSON, each layer as bytes that are used as they are.

import type { LayerEntry } from '$lib/bindings/LayerEntry';
import type { LayerList } from '$lib/bindings/LayerList';

export type Bounds = NonNullable<LayerList['bounds']>;

/** One layer: straight pieces in the order of the file. */
export interface Geometry {
  count: number;
  /** Nothing was left out. */
  complete: boolean;
  /** x, y, z of both ends of each piece, mm. */
  positions: Float32Array<ArrayBuffer>;
  /** mm; 0 for a travel move. */
  widths: Float32Array;
  /** Command of the file, from 1, ascending. */
  commands: Uint32Array;
  /** What each piece is for; 0 for a travel move. */
  kinds: Uint8Array;
}

const HEAD = 16;
const BYTES_EACH = 33;

/** Reads a layer. Throws when it is none: what is wrong with it is no matter of the person's. */
export function decode(buffer: ArrayBuffer): Geometry {
  const head = new DataView(buffer);
  const whole = buffer.byteLength >= HEAD && head.getUint32(0, false) === 0x50564c47;
  if (!whole || head.getUint32(4, true) !== 1) throw new Error('The layer came in a form that is not known.');
  const count = head.getUint32(8, true);
  if (buffer.byteLength !== HEAD + BYTES_EACH * count) throw new Error('The layer came incomplete.');
  const widths = HEAD + 24 * count;
  const commands = widths + 4 * count;
  return {
    count,
    complete: head.getUint32(12, true) === 1,
    positions: new Float32Array(buffer, HEAD, 6 * count),
    widths: new Float32Array(buffer, widths, count),
    commands: new Uint32Array(buffer, commands, count),
    kinds: new Uint8Array(buffer, commands + 4 * count, count),
  };
}

/** How many pieces belong to commands up to and with `line`. */
export function drawnUpTo(commands: Uint32Array, line: number): number {
  let low = 0;
  let high = commands.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((commands[middle] ?? Infinity) <= line) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place in the list of the layer that holds a command. */
export function layerOf(layers: readonly LayerEntry[], line: number): number {
  let low = 0;
  let high = layers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((layers[middle]?.first_command ?? Infinity) <= line) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The first place that shows something of the model. */
export function firstLayer(layers: readonly LayerEntry[]): number {
  const at = layers.findIndex((l) => l.number !== null && l.segments > 0);
  return at < 0 ? 0 : at;
}

/** `Layer 3 of 190`; what comes before the first layer has a name of its own. */
export function layerName(layers: readonly LayerEntry[], at: number): string {
  const entry = layers[at];
  if (!entry) return '–';
  if (entry.number === null) return 'Start';
  const most = layers.reduce((max, l) => Math.max(max, (l.number ?? -1) + 1), 0);
  return `Layer ${entry.number + 1} of ${most}`;
}
