// A stand-in for the core, for looking at the UI: `node dev/mock.mjs [port] [state] [art folder]`.
// States: wizard idle offline printing warned alert pausing paused unwatched, agent (idle, beside Klipper), machines
// (printing, with other computers), and fleet: eight printers, one in each.
// POST /mock {…} changes it.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { agentsApi } from './agents.mjs';
import { DEVICE_OPTIONS, otherCamera } from './cameras.mjs';
import { networkApi } from './network.mjs';
import { pastApi, pastPicture } from './past.mjs';
import { layersApi } from './layers.mjs';
import { machinesApi, machinesMessage } from './machines.mjs';
import { mqttApi } from './mqtt.mjs';
import { octoprintApi } from './octoprint.mjs';
import { noticesApi } from './notices.mjs';
import { reviewApi } from './review.mjs';
import { FILES, now } from './prints.mjs';
import { item, queueApi } from './queue.mjs';
import { printer } from './states.mjs';
import { spoolsApi } from './spools.mjs';
import { toolsApi } from './tools.mjs';
import { watchApi } from './watch.mjs';

const [port = '4300', first = 'printing', art = ''] = process.argv.slice(2);
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};
const CSP =
  "default-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws:; script-src 'self'; style-src 'self'; object-src 'none'";

const mock = {
  state: ['wizard', 'agent'].includes(first)
    ? 'idle'
    : ['fleet', 'machines'].includes(first)
      ? 'printing'
      : first,
  /** States of the printers beside the first. */
  fleet: first === 'fleet' ? ['alert', 'idle', 'paused', 'offline', 'unwatched', 'printing', 'warned'] : [],
  first_run: first === 'wizard',
  none: first === 'wizard',
  detector: true,
  /** @type {import('$lib/bindings/AlertSound').AlertSound} */
  sound: { on: true, volume: 70, quiet: null, grave_in_quiet: true, remind_after_mins: 10 },
};
const kept = {
  name: 'Ender 3 V2',
  kind: first === 'agent' ? 'agent' : 'serial',
  action_on_failure: 'PAUSE',
  watching_enabled: true,
  tools_off_on_pause: true,
  bed_off_on_pause: false,
  retract_on_pause: 6.5,
  lift_z_on_pause: 2.5,
  detective_sensitivity: 1,
  bed_hold_mins: 60,
  watch: {
    rearm_after_not_failed: true,
    printer_resume_answers: true,
    rule: 'printvigil',
    threshold: 1,
    first_layer: false,
  },
  trouble: false,
  alarm: null,
  switch_off_now: false,
  muted: false,
  last_print: null,
  queue: [item(1, 2, { copies: 2 }), item(2, 4, { by: 'slicer' })],
};
let seq = 1;
let frame = 600;
const sockets = new Set();
const view = () => printer(seq, mock.state, kept);
const all = () => [
  view(),
  ...mock.fleet.map((state, at) => ({
    ...printer(seq, state, { ...kept, name: `Printer ${at + 2}` }),
    id: at + 2,
  })),
];
const camera = () => view().vigil.camera?.camera;
/** @returns {import('$lib/bindings/System').System} */
const system = () => ({
  version: '0.1.0',
  data_dir: '/home/me/.local/share/printvigil',
  detector: mock.detector
    ? { ok: true, name: 'vigil-small 3', why: '' }
    : { ok: false, name: '', why: 'The model file is missing. Install Printvigil again.' },
  history_lost: mock.history_lost ?? null,
  first_run: mock.first_run,
  damage: mock.damage ?? null,
  sound: mock.sound,
});
const snapshot = () =>
  JSON.stringify({
    type: 'snapshot',
    seq,
    role: mock.role ?? 'owner',
    printers: mock.none ? [] : all(),
    system: system(),
  });

function tell() {
  seq++;
  const text = mock.none ? snapshot() : JSON.stringify({ type: 'printer', seq, printer: view() });
  for (const send of sockets) {
    send(text);
    if (first === 'machines') send(machinesMessage());
  }
}
setInterval(tell, 1000);

/** What an order changes, roughly. */
function act(path, body, query) {
  const to = (state) => (mock.state = state);
  if (path.endsWith('/pause_print/')) {
    to('pausing');
    setTimeout(() => to('paused'), 3000);
  } else if (/resume_print|acknowledge_alert.*NOT_FAILED|start\/$/.test(path + query)) to('printing');
  else if (path.endsWith('/acknowledge_alert/')) to('paused');
  else if (/cancel_print|connect\/$/.test(path)) to('idle');
  else if (path.endsWith('/disconnect/')) to('offline');
  else if (path.includes('mute_current_print')) kept.muted = query.includes('true');
  Object.assign(kept, body?.watching_enabled === undefined && !body?.watch ? {} : body);
}

function picture(response, name) {
  const path = join(art, `${name}.svg`);
  response.writeHead(200, { 'Content-Type': 'image/svg+xml', 'X-Frame-Id': String(frame) });
  if (art && existsSync(path)) createReadStream(path).pipe(response);
  else
    response.end(
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" width="1280" height="720"><rect width="1280" height="720" fill="#3a3835"/><path d="M320 640L480 420h420l160 220z" fill="#26282c"/><circle cx="${600 + (frame % 40) * 4}" cy="460" r="70" fill="#5aa"/><text x="40" y="690" fill="#fff" font-size="30">${name} ${frame}</text></svg>`,
    );
}

/** With ranges, as players want. Lies beside the art, when there is one. */
function film(request, response) {
  const path = join(art, 'film.mp4');
  const size = statSync(path).size;
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? 'bytes=0-') ?? [];
  const end = to ? Number(to) : size - 1;
  response.writeHead(request.headers.range ? 206 : 200, {
    'Content-Type': 'video/mp4',
    'Accept-Ranges': 'bytes',
    'Content-Length': end - Number(from) + 1,
    ...(request.headers.range ? { 'Content-Range': `bytes ${from}-${end}/${size}` } : {}),
  });
  createReadStream(path, { start: Number(from), end }).pipe(response);
}

function json(response, value, status = 200) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

function curve() {
  const t = now() - 61_000 * 2;
  return Array.from({ length: 200 }, (_, i) => ({
    model: 'app.printerprediction',
    fields: {
      updated_at: new Date((t + i * 42) * 1000).toISOString(),
      normalized_p: 0.1 + (i > 120 && i < 140 ? 0.6 : 0.03 * Math.sin(i)),
    },
  }));
}

function api(path, query, body, method, response) {
  const told =
    networkApi(path, body, method) ??
    agentsApi(path, query, body, method) ??
    watchApi(path, body, method) ??
    noticesApi(path, body, method) ??
    mqttApi(path, body, method) ??
    machinesApi(path, body, method) ??
    octoprintApi(path, method) ??
    spoolsApi(path, body, method, kept) ??
    pastApi(path, query, body, method) ??
    reviewApi(path, query, body, method);
  if (told) return json(response, told);
  const is = (text) => path === `/api/v1/${text}`;
  if (is('vigil/alert_sound/')) {
    if (method === 'PUT') mock.sound = body;
    return json(response, mock.sound);
  }
  if (is('vigil/emergency_stop/'))
    return json(response, {
      told: all()
        .filter((p) => p.vigil.link.kind === 'up')
        .map((p) => ({ printer: p.id, name: p.name })),
      not_told: all()
        .filter((p) => p.vigil.link.kind !== 'up')
        .map((p) => ({
          printer: p.id,
          name: p.name,
          why: 'This printer is not connected. If it is moving or hot, switch it off at its own switch.',
        })),
    });
  if (is('vigil/recoveries/')) return json(response, []);
  if (is('vigil/tickets/')) return json(response, { ticket: 'mock', expires_in_secs: 300 });
  if (/cameras\/\d+\/frame\.jpg$/.test(path)) {
    if (mock.state === 'unwatched')
      return setTimeout(
        () =>
          json(
            response,
            { code: 'camera_lost', message: 'The camera was unplugged.', hint: 'Plug it in again.' },
            503,
          ),
        500,
      );
    return setTimeout(() => {
      frame++;
      picture(
        response,
        ['idle', 'offline'].includes(mock.state)
          ? 'cam-empty'
          : mock.state === 'alert'
            ? 'cam-tangle'
            : 'cam-ok',
      );
    }, 250);
  }
  if (path.includes('camera_devices/options')) return json(response, DEVICE_OPTIONS);
  if (path.includes('camera_devices/frame'))
    return picture(response, query.includes('video2') ? 'cam-room' : 'cam-ok');
  const kept_frame = /frames\/(\d+)\.jpg/.exec(path);
  if (kept_frame)
    return picture(
      response,
      mock.state === 'warned'
        ? 'cam-tangle'
        : `strip-${Math.min(5, Math.max(0, Math.floor((Number(kept_frame[1]) - 585) / 3)))}`,
    );
  if (is('vigil/ports/'))
    return json(response, [
      {
        path: '/dev/ttyUSB0',
        label: 'USB Serial (1a86:7523)',
        likely: true,
        in_use: false,
        why: 'CH340 chip, as in most Creality and Anycubic printers',
        usb: '1a86:7523',
        stranger: false,
        troubles: [],
      },
      {
        path: '/dev/ttyS0',
        label: 'Serial port',
        likely: false,
        in_use: false,
        why: 'Built into the computer',
        usb: null,
        stranger: false,
        troubles: [
          {
            code: 'not_in_group',
            what: 'Your account may not use /dev/ttyS0.',
            cure: 'Run "sudo usermod -aG dialout $USER" in a terminal, then log out and in again.',
          },
        ],
      },
    ]);
  if (is('vigil/port_troubles/')) return json(response, []);
  if (is('vigil/cameras/') && method === 'GET')
    return json(response, {
      cameras: mock.none ? [] : [camera()].flatMap((c) => (c ? [c, otherCamera(c)] : [])),
      devices: [
        { device: '/dev/video0', label: 'USB camera', in_use: false },
        { device: '/dev/video2', label: 'Built-in camera', in_use: false },
      ],
    });
  if (path.startsWith('/api/v1/vigil/cameras/')) return json(response, { ...camera(), ...body }, 201);
  if (is('vigil/try_detection/')) {
    const good = body?.sample === 'good';
    const img_data_url = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" width="1280" height="720"><rect width="1280" height="720" fill="#3a3835"/><rect x="340" y="420" width="600" height="210" fill="#26282c"/><rect x="560" y="300" width="160" height="200" fill="#4f7cc4"/><path d="M560 320h160M560 345h160M560 370h160M560 395h160M560 420h160" stroke="#3d66a8" stroke-width="3"/></svg>')}`;
    return json(response, {
      probability: good ? 0.03 : 0.93,
      p: good ? 0 : 0.9,
      boxes: good ? [] : [{ class: 'failure', confidence: 0.86, area: { x: 460, y: 390, w: 510, h: 236 } }],
      frame_size: [1280, 720],
      total_ms: 61,
      inference_ms: 48,
      img_data_url,
      sight: { input: [640, 640], parts: true, smallest: 0.4 },
    });
  }
  if (is('vigil/system/')) {
    if (method === 'POST') mock.first_run = body.first_run;
    setTimeout(() => sockets.forEach((send) => send(snapshot())), 50);
    return json(response, system());
  }
  if (path.endsWith('/temperatures/')) {
    const t = now();
    const samples = Array.from({ length: 900 }, (_, i) => ({
      t: t - (900 - i) * 4,
      heaters: {
        tool0: [i < 60 ? 24 + i * 3 : 205 + Math.sin(i / 3) * 0.4, 205],
        bed: [Math.min(60, 23 + i * 0.4), 60],
      },
    }));
    return json(response, { samples });
  }
  if (is('printers/') && method === 'POST') {
    mock.none = false;
    Object.assign(kept, { name: body.name, kind: body.kind });
    return json(response, view(), 201);
  }
  if (path.includes('prediction_json')) return json(response, curve());
  if (is('g_code_files/'))
    return method === 'POST'
      ? json(response, FILES[1], 201)
      : json(response, { count: FILES.length, next: null, previous: null, results: FILES });
  if (path.endsWith('/preflight/'))
    return json(response, {
      findings: mock.flawed
        ? [
            { severity: 'stop', what: 'It heats the nozzle to 420 °C.', do: 'Nearly no hotend stands this.' },
            { severity: 'warn', what: 'It moves 680 mm beyond the bed.', do: 'Slice it for this printer.' },
          ]
        : [],
    });
  const ofTools = toolsApi(path, query);
  if (ofTools) return json(response, ofTools);
  if (path.includes('/printers/')) {
    const queued = queueApi(path, body, method, kept);
    if (path.endsWith('/seen/')) kept.last_print = null;
    if (!queued || path.endsWith('/start/')) act(path, body, query);
    seq++;
    return json(response, { succeeded: true, printer: view() });
  }
  return json(response, { code: 'not_found', message: 'The mock does not know this.', hint: path }, 404);
}

const server = createServer((request, response) => {
  const [path, query = ''] = (request.url ?? '/').split('?');
  const parts = [];
  request.on('data', (chunk) => parts.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(parts).toString();
    const body = request.headers['content-type']?.includes('json') && text ? JSON.parse(text) : undefined;
    if (path === '/mock') {
      for (const [key, value] of Object.entries(body)) (key in kept ? kept : mock)[key] = value;
      if (body.notice)
        sockets.forEach((send) => send(JSON.stringify({ type: 'notice', seq: ++seq, notice: body.notice })));
      sockets.forEach((send) => send(snapshot()));
      if (body.asking)
        sockets.forEach((send) => send(JSON.stringify({ type: 'app_key_requests', requests: body.asking })));
      return json(response, mock);
    }
    const layers = layersApi(path);
    if (layers) return response.end(layers);
    if (path.startsWith('/api/')) return api(path, query, body, request.method, response);
    if (path.endsWith('/film.mp4') && existsSync(join(art, 'film.mp4'))) return film(request, response);
    const shown = pastPicture(path);
    if (shown) return picture(response, shown);
    if (path.startsWith('/media/art/')) return picture(response, path.slice(11, -4));
    const local = join(dist, path === '/' ? 'index.html' : path);
    if (!local.startsWith(dist) || !existsSync(local) || !statSync(local).isFile())
      return json(response, {}, 404);
    response.writeHead(200, {
      'Content-Type': TYPES[extname(local)] ?? 'application/octet-stream',
      'Content-Security-Policy': CSP,
    });
    createReadStream(local).pipe(response);
  });
});
new WebSocketServer({ server }).on('connection', (socket) => {
  const send = (text) => socket.send(text);
  socket.on('message', (data) => {
    const text = String(data);
    if (text.includes('token') || text.includes('again')) {
      send(snapshot());
      sockets.add(send);
    }
  });
  socket.on('close', () => sockets.delete(send));
});
server.listen(Number(port), '127.0.0.1', () =>
  console.log(`mock core: http://127.0.0.1:${port}/#token=mock`),
);
