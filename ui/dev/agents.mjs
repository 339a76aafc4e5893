// Linking of agents of OctoPrint and Klipper: one was found. Values are examples.

/** @type {import('$lib/bindings/AgentLinking').AgentLinking} */
let linking = {
  open: true,
  code: null,
  linked: null,
  addresses: ['http://192.168.1.5:7412'],
  found: [
    {
      device: '0'.repeat(32),
      host: 'OctoPrint',
      name: 'octopi',
      address: '192.168.1.31:5000',
      linking: false,
    },
  ],
};

const file = (path, folder, bytes) => {
  const name = path.split('/').at(-1);
  return { name, path, folder, bytes, modified: null, estimated_secs: folder ? null : 5400, signature: null };
};
const devices = [
  { name: 'printer', on: true, locked_while_printing: true },
  { name: 'light', on: false, locked_while_printing: false },
  { name: 'enclosure fan', on: null, locked_while_printing: false },
];

/** Answers what the host of a printer is asked. */
function hostApi(path, query, body, method) {
  const at = /\/host\/(files|print|power)\//.exec(path)?.[1];
  if (at === 'files') {
    const folder = query?.get?.('folder') ?? '';
    const files = folder
      ? [file(`${folder}/old one.gcode`, false, 1_234_567)]
      : [file('parts', true, null), file('benchy.gcode', false, 4_200_000), file('tower.gcode', false, 900)];
    return { folder, files };
  }
  if (at === 'power' && method === 'POST') {
    const device = devices.find((one) => one.name === body.device);
    if (device) device.on = body.on;
  }
  return at === 'power' ? { devices } : at && {};
}

/** Answers what is of agents; `undefined` when it is not. */
export function agentsApi(path, query, body, method) {
  const host = hostApi(path, query, body, method);
  if (host) return host;
  const at = /^\/api\/v1\/vigil\/agents\/(\w+)?/.exec(path);
  if (!at) return undefined;
  if (at[1] === 'code') {
    const code = { code: '123456', expires_in_secs: 3600, printer: body?.printer ?? null };
    linking = { ...linking, code: method === 'POST' ? code : null };
  } else if (at[1] === 'found') {
    linking = { ...linking, found: linking.found.map((one) => ({ ...one, linking: true })) };
  }
  return linking;
}
