// The network's settings: on, with a phone, a link and a key. Values are examples.
import { iso, now } from './prints.mjs';

/** @returns {import('$lib/bindings/NetworkGrant').NetworkGrant} */
const grant = (id, kind, name, role, connections = 0) => ({
  id,
  kind,
  name,
  role,
  created_at: iso(now() - id * 90_000),
  printer: null,
  seen_at: connections ? iso(now()) : null,
  ends_at: kind === 'link' ? iso(now() + 7200) : null,
  connections,
});
/** @type {import('$lib/bindings/Network').Network} */
let network = {
  enabled: true,
  port: 7412,
  names: [],
  https: false,
  fingerprint: null,
  open: true,
  error: null,
  addresses: ['http://192.168.1.5:7412'],
  announced: 'Printvigil on workshop',
  announce_error: null,
  pairing: null,
  grants: [
    grant(1, 'device', 'Android phone', 'operate', 2),
    grant(2, 'link', 'For Ben', 'view'),
    grant(3, 'key', 'Slicer on the laptop', 'owner'),
  ],
};
const codes = [{ url: 'http://192.168.1.5:7412/#pair=example', size: 21, path: 'M0 0h7v7h-7z' }];

/** @type {import('$lib/bindings/SharedResource').SharedResource[]} */
let shares = [];

function sharesApi(body, method) {
  if (method === 'POST') {
    const made = {
      id: (now() % 1e6) | 0,
      printer_id: 1,
      share_token: '0'.repeat(32),
      url: `/printers/share_token/${'0'.repeat(32)}/`,
      codes: [{ ...codes[0], url: `http://192.168.1.5:7412/printers/share_token/${'0'.repeat(32)}/` }],
      name: body?.name ?? 'Link to Ender 3 V2',
      created_at: iso(now()),
      ends_at: iso(now() + (body?.hours ?? 168) * 3600),
    };
    shares = [{ ...made, share_token: null, url: null, codes: [] }, ...shares];
    return [made, ...shares.slice(1)];
  }
  return shares;
}

/** @type {import('$lib/bindings/Outbound').Outbound} */
const outbound = {
  since: iso(now() - 3 * 86_400),
  started_at: iso(now() - 7200),
  connections: [
    {
      purpose: 'camera',
      place: '192.168.1.20:554',
      reach: 'local_network',
      this_run: { tries: 3, opened: 2, sent_bytes: 2410, received_bytes: 412_000_000 },
      last_days: { tries: 9, opened: 8, sent_bytes: 8200, received_bytes: 2_100_000_000 },
      last_at: iso(now() - 1),
    },
    {
      purpose: 'notice',
      place: 'ntfy.sh:443',
      reach: 'public_address',
      this_run: { tries: 1, opened: 1, sent_bytes: 88_000, received_bytes: 5100 },
      last_days: { tries: 4, opened: 4, sent_bytes: 301_000, received_bytes: 20_000 },
      last_at: iso(now() - 3000),
    },
  ],
};

/** Answers what is of the network; `undefined` when it is not. */
export function networkApi(path, body, method) {
  if (path.startsWith('/api/v1/sharedresources/')) return sharesApi(body, method);
  if (path === '/api/v1/vigil/outbound/') return outbound;
  const at = /^\/api\/v1\/vigil\/network\/(\w+)?\/?(\d+)?/.exec(path);
  if (!at) return undefined;
  const [, what, id] = at;
  if (what === 'grants') {
    const found = network.grants.find((one) => one.id === Number(id));
    if (method === 'DELETE') {
      network.grants = network.grants.filter((one) => one !== found);
      shares = shares.filter((one) => one.id !== Number(id));
    }
    if (method === 'PATCH') Object.assign(found ?? {}, body);
    return found ?? {};
  }
  if (what === 'pairing') {
    const role = body?.role ?? 'operate';
    network.pairing = method === 'POST' ? { role, expires_in_secs: 120, pin_is_void: false } : null;
    return { codes, pin: '123456', role, expires_in_secs: 120 };
  }
  if (what === 'app_keys') return {};
  if (what) {
    const made = grant(now() % 1e6, what === 'links' ? 'link' : 'key', body.name, body.role ?? 'view');
    network.grants = [...network.grants, made];
    return { grant: made, secret: '0'.repeat(32), codes: what === 'links' ? codes : [] };
  }
  if (method === 'PATCH') {
    network = { ...network, ...body, open: body.enabled ?? network.open };
    const plain = 'http://192.168.1.5:7412';
    network.fingerprint = network.https ? Array(32).fill('A7').join(':') : null;
    network.addresses = network.https ? [plain.replace('http', 'https'), plain] : [plain];
  }
  return network;
}
