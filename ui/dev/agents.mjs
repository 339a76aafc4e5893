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

/** Answers what is of agents; `undefined` when it is not. */
export function agentsApi(path, body, method) {
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
