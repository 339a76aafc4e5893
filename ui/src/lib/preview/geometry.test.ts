import { describe, expect, test } from 'vitest';
import type { Client } from '$lib/api/client';
import type { LayerEntry } from '$lib/bindings/LayerEntry';
import { decode, drawnUpTo, firstLayer, layerName, layerOf } from './geometry';
import { groupsIn, widthStep } from './paint';
import { fit, outward } from './plan';
import { Preview } from './preview.svelte';

interface Piece {
  from: number[];
  to: number[];
  width: number;
  command: number;
  kind: number;
}

function encode(pieces: Piece[], version = 1): ArrayBuffer {
  const buffer = new ArrayBuffer(16 + 33 * pieces.length);
  const view = new DataView(buffer);
  [...'PVLG'].forEach((c, at) => view.setUint8(at, c.charCodeAt(0)));
  [version, pieces.length, 1].forEach((n, at) => view.setUint32(4 + 4 * at, n, true));
  const n = pieces.length;
  pieces.forEach((piece, i) => {
    [...piece.from, ...piece.to].forEach((v, at) => view.setFloat32(16 + 24 * i + 4 * at, v, true));
    view.setFloat32(16 + 24 * n + 4 * i, piece.width, true);
    view.setUint32(16 + 28 * n + 4 * i, piece.command, true);
    view.setUint8(16 + 32 * n + i, piece.kind);
  });
  return buffer;
}

const PIECES: Piece[] = [
  { from: [0, 0, 0.2], to: [10, 0, 0.2], width: 0, command: 4, kind: 0 },
  { from: [10, 0, 0.2], to: [10, 20, 0.2], width: 0.45, command: 5, kind: 2 },
  { from: [10, 20, 0.2], to: [0, 20, 0.2], width: 0.5, command: 5, kind: 6 },
  { from: [0, 20, 0.2], to: [0, 0, 0.2], width: 0.45, command: 9, kind: 2 },
];

describe('a layer', () => {
  test('is read as the core writes it', () => {
    const layer = decode(encode(PIECES));
    expect([layer.count, layer.complete]).toEqual([4, true]);
    expect([...layer.positions.subarray(6, 12)].map((v) => Math.round(v * 10) / 10)).toEqual([
      10, 0, 0.2, 10, 20, 0.2,
    ]);
    expect([...layer.commands]).toEqual([4, 5, 5, 9]);
    expect([...layer.kinds]).toEqual([0, 2, 6, 2]);
    expect(layer.widths[2]).toBe(0.5);
    expect(groupsIn(layer)).toEqual(['travel', 'wall', 'infill']);
  });

  test('that is cut off, of another form, or nothing at all is refused', () => {
    const whole = encode(PIECES);
    expect(() => decode(whole.slice(0, -1))).toThrow('incomplete');
    expect(() => decode(encode(PIECES, 2))).toThrow('not known');
    expect(() => decode(new ArrayBuffer(3))).toThrow();
    const lying = encode(PIECES);
    new DataView(lying).setUint32(8, 0xffffffff, true);
    expect(() => decode(lying)).toThrow('incomplete');
  });

  test('is drawn up to a line of the file, every piece of that line with it', () => {
    const { commands } = decode(encode(PIECES));
    const drawn = [0, 3, 4, 5, 8, 9, 99].map((line) => drawnUpTo(commands, line));
    expect(drawn).toEqual([0, 0, 1, 3, 3, 4, 4]);
  });
});

const entry = (number: number | null, first_command: number, segments = 1): LayerEntry => ({
  number,
  first_command,
  segments,
  z: 0.2,
  height: 0.2,
});
const LAYERS = [entry(null, 1), entry(0, 10), entry(1, 50), entry(2, 90)];

test('a line of the file finds its layer', () => {
  expect([0, 1, 9, 10, 49, 50, 89, 90, 5000].map((line) => layerOf(LAYERS, line))).toEqual([
    0, 0, 0, 1, 1, 2, 2, 3, 3,
  ]);
  expect(firstLayer(LAYERS)).toBe(1);
  expect([0, 1, 3, 7].map((at) => layerName(LAYERS, at))).toEqual([
    'Start',
    'Layer 1 of 3',
    'Layer 3 of 3',
    '–',
  ]);
});

test('the plan is fitted with room around it, upright', () => {
  const place = fit(
    [
      [0, 90],
      [0, 40],
      [0, 5],
    ],
    232,
    132,
    { zoom: 1, dx: 0, dy: 0 },
  );
  expect(place.scale).toBe(2);
  expect([place.x, place.y]).toEqual([232 / 2 - 90, 132 / 2 + 40]);
  expect(outward([3, 41], 10)).toEqual([-10, 50]);
  expect(outward([0, 1e9], 10)).toEqual([0, 0]);
});

test('widths have steps', () => {
  expect([0.2, 0.3, 0.4, 0.45, 0.5, 0.9].map(widthStep)).toEqual([0, 1, 2, 2, 3, 4]);
});

describe('a preview', () => {
  const core = (counts: number[]) => {
    const asked: number[] = [];
    const layers = counts.map((segments, at) => entry(at, at * 10 + 1, segments));
    const get = () => Promise.resolve({ layers, commands: 100, bounds: null, complete: true });
    const bytes = (path: string) => {
      asked.push(Number(path.split('/').at(-2)));
      return Promise.resolve(encode(PIECES));
    };
    return { asked, client: { http: { get, bytes } } as unknown as Client };
  };

  test('opens at the first layer, or where the print is', async () => {
    const first = new Preview(core([5, 5, 5]).client, 1);
    await first.open();
    expect(first.at).toBe(0);
    const running = new Preview(core([5, 5, 5]).client, 1);
    await running.open(15);
    expect(running.at).toBe(1);
  });

  test('loads each layer once, the nearest below first', async () => {
    const from = core([5, 5, 5, 5]);
    const preview = new Preview(from.client, 1);
    await preview.open();
    await preview.loadUpTo(2, () => true);
    await preview.loadUpTo(2, () => true);
    expect(from.asked).toEqual([2, 1, 0]);
    expect(preview.leftOut).toBe(0);
    expect(preview.layer(3)).toBeNull();
  });

  test('leaves out what would be too much, and says how many', async () => {
    const from = core([900_000, 900_000, 900_000, 900_000]);
    const preview = new Preview(from.client, 1);
    await preview.open();
    await preview.loadUpTo(3, () => true);
    expect(from.asked).toEqual([3, 2]);
    expect(preview.leftOut).toBe(2);
  });

  test('says why nothing is shown', async () => {
    const gone = () => Promise.reject(new Error('Gone.'));
    const preview = new Preview({ http: { get: gone } } as unknown as Client, 1);
    await preview.open();
    expect(preview.fault).toBe('Gone.');
  });
});
