// Layers of a made-up planter, in the form that the core sends them.
const LAYERS = 190;
const EACH = 400;
const SIDES = 6;
const MIDDLE = 110;
const corner = (radius, at) => {
  const angle = (at * 2 * Math.PI) / SIDES;
  return [MIDDLE + radius * Math.cos(angle), MIDDLE + radius * Math.sin(angle)];
};

/** @returns {import('$lib/bindings/LayerList').LayerList} */
const list = () => ({
  layers: Array.from({ length: LAYERS }, (_, at) => ({
    number: at,
    first_command: at * EACH + 1,
    segments: pieces(at).length,
    z: 0.2 * (at + 1),
    height: 0.2,
  })),
  commands: LAYERS * EACH,
  bounds: [
    [MIDDLE - 52, MIDDLE + 52],
    [MIDDLE - 52, MIDDLE + 52],
    [0, 38],
  ],
  complete: true,
});

/** Walls from the inside out, then a zigzag for the floor. */
function pieces(at) {
  const radius = 36 + at / 13;
  const made = [];
  let head = corner(radius - 3, 0);
  const go = (to, kind) => {
    made.push({ from: head, to, kind });
    head = to;
  };
  for (const inwards of [2, 1, 0]) {
    go(corner(radius - inwards, 0), 0);
    for (let side = 1; side <= SIDES; side++) go(corner(radius - inwards, side), inwards === 0 ? 2 : 3);
  }
  for (let y = -28; y <= 28; y += 4) {
    go([MIDDLE - 26, MIDDLE + y], 0);
    go([MIDDLE + 26, MIDDLE + y + (at % 2 ? 4 : 0)], 6);
  }
  return made;
}

function bytes(at) {
  const made = pieces(at);
  const buffer = Buffer.alloc(16 + 33 * made.length);
  buffer.write('PVLG');
  [1, made.length, 1].forEach((n, i) => buffer.writeUInt32LE(n, 4 + 4 * i));
  const n = made.length;
  made.forEach(({ from, to, kind }, i) => {
    const z = 0.2 * (at + 1);
    [...from, z, ...to, z].forEach((v, k) => buffer.writeFloatLE(v, 16 + 24 * i + 4 * k));
    buffer.writeFloatLE(kind ? 0.45 : 0, 16 + 24 * n + 4 * i);
    buffer.writeUInt32LE(at * EACH + 1 + Math.floor((i * EACH) / n), 16 + 28 * n + 4 * i);
    buffer.writeUInt8(kind, 16 + 32 * n + i);
  });
  return buffer;
}

/** The line that a print is at, in a layer of which it has done half. */
export const lineIn = (layer) => (layer - 1) * EACH + EACH / 2;
export const LINES = LAYERS * EACH;

/** Answers what is asked of layers; `null` when it is something else. */
export function layersApi(path) {
  const one = /\/files\/\d+\/layers\/(?:(\d+)\/)?$/.exec(path);
  if (!one) return null;
  return one[1] === undefined ? JSON.stringify(list()) : bytes(Number(one[1]));
}
