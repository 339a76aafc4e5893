// What the stand-in tells of past prints: pictures, heat, films, sums, space, care. Values are examples.
import { print, PRINTS } from './prints.mjs';

const t0 = Date.now() / 1000;
const iso = (secs) => new Date(secs * 1000).toISOString().replace('Z', '000Z');
const extras = new Map();
const NAMES = [
  'hex-planter',
  'boat',
  'twist-vase',
  'gear-14',
  'shelf-bracket-with-a-rather-long-name-v2-final',
];

/** @returns {import('$lib/bindings/PrintView').PrintView} */
function one(id) {
  const known = PRINTS.find((p) => p.id === id);
  const took = 1200 + ((id * 7919) % 14_000);
  const start = t0 - id * 41_000;
  const ended_by = id % 9 === 3 ? 'cancelled' : id % 23 === 5 ? 'interrupted' : 'finished';
  const end = iso(start + took);
  const made =
    known ??
    print(id, {
      started: start,
      ended_at: end,
      finished_at: ended_by === 'finished' ? end : null,
      cancelled_at: ended_by === 'finished' ? null : end,
      print_time: took,
      filament_used: took * 2.9,
      alert_overwrite: id % 17 === 4 ? 'FAILED' : null,
      alerted_at: id % 6 === 2 ? iso(start + took / 2) : null,
      poster_url: `/media/art/${['rv-boat', 'rv-box', 'rv-gear', 'rv-vase'][id % 4]}.svg`,
      vigil: { ended_by, ended_why: ended_by === 'interrupted' ? 'The USB cable was pulled.' : null },
    });
  return {
    ...made,
    tagged_video_url: made.video_url && made.video_url.replace('film', 'tagged/film'),
    need_print_shot_feedback: id === 2 && !shots.every((s) => s.answer),
    printshotfeedback_set: id === 2 ? shots : [],
    ...extras.get(id)?.top,
    vigil: {
      ...made.vigil,
      notes: id === 2 ? 'Second try with the bed at 65. The first layer was much better.' : '',
      tags: id % 3 === 2 ? ['PETG', 'gift'] : [],
      kept: id === 4,
      media_bytes: 3_100_000 + ((id * 977) % 90) * 1_000_000,
      num_frames: 300,
      pictures_dropped_at: id > 200 ? iso(t0 - 86_400) : null,
      watched: id % 11 === 5 ? 0.94 : 0.998,
      alerts: made.alerted_at ? 1 + (id % 2) : 0,
      film: filmOf(id, made),
      ...extras.get(id)?.vigil,
    },
  };
}

/** @type {import('$lib/bindings/PrintShotFeedback').PrintShotFeedback[]} */
const shots = Array.from({ length: 5 }, (_, i) => ({
  id: 30 + i,
  print_id: 2,
  image_url: `/media/art/${['rv-boat', 'cam-tangle', 'rv-box', 'rv-gear', 'cam-ok'][i]}.svg`,
  answer: null,
  answered_at: null,
}));

const jobs = new Map();
/** @returns {import('$lib/bindings/PrintFilm').PrintFilm} */
function filmOf(id, made) {
  const job = jobs.get(id);
  if (job && Date.now() - job < 9000) return { state: 'making', why: null };
  if (id === 6) return { state: 'too_short', why: 'The print was shorter than 5 minutes.' };
  if (id === 5) return { state: 'failed', why: 'The disk was full.' };
  return { state: made.video_url ? 'made' : null, why: null };
}

/** @type {import('$lib/bindings/TimelapseOptions').TimelapseOptions} */
const OPTIONS = {
  pick: 'seconds',
  every_secs: 10,
  fps: 30,
  max_side_px: 1280,
  quality: 'normal',
  end_hold_secs: 2,
  deflicker: true,
  tagged: true,
};
let options = OPTIONS;
/** @type {import('$lib/bindings/Retention').Retention} */
let retention = { pictures_days: 90, films_days: null, max_bytes: null, max_prints: null };
/** @type {import('$lib/bindings/Care').Care[]} */
let cares = [
  {
    id: 1,
    printer: 1,
    name: 'Nozzle',
    unit: 'hours',
    every: 200,
    used: 188,
    done_at: iso(t0 - 9e6),
    due: false,
  },
  {
    id: 2,
    printer: 1,
    name: 'Grease the Z rod',
    unit: 'prints',
    every: 100,
    used: 117,
    done_at: iso(t0 - 2e7),
    due: true,
  },
  {
    id: 3,
    printer: 1,
    name: 'PTFE tube',
    unit: 'filament_m',
    every: 3000,
    used: 810,
    done_at: iso(t0 - 2e6),
    due: false,
  },
];
const TOTAL = 2412;

const SECS = 1980;
function frames(id) {
  const p = one(id);
  const secs = p.print_time ?? SECS;
  const t = Array.from({ length: 300 }, (_, i) => ((i + 1) * secs) / 301);
  return {
    t,
    id: t.map((_, i) => i + 1),
    line: t.map((_, i) => 40 + i * 310),
    layer: t.map((_, i) => Math.floor((i / 300) * 190)),
    why: t.map((_, i) => (i % 9 ? 'film' : 'layer')),
    width: 1280,
    height: 720,
    url: t.map((_, i) => `/media/prints/${id}/frames/${i + 1}.jpg`),
  };
}
const BOX = { class: 'failure', confidence: 0.86, area: { x: 460, y: 390, w: 510, h: 236 } };
function looks(id) {
  const f = frames(id);
  const near = (at) => f.t.map((s) => Math.exp(-(((s - at) / 60) ** 2)));
  const hill = near(1310).map((v, i) => 0.05 + 0.38 * v + 0.72 * near(1815)[i]);
  return {
    frame: f.id,
    t: f.t,
    boxes: hill.map((v) => (v > 0.2 ? [{ ...BOX, confidence: Math.min(0.97, v + 0.2) }] : [])),
    level: hill,
    line: f.line,
    layer: f.layer,
  };
}
function heat(id) {
  const secs = one(id).print_time ?? SECS;
  const t = Array.from({ length: 400 }, (_, i) => (i * secs) / 400);
  const up = (s, to, secsUp) => (s < secsUp ? 22 + ((to - 22) * s) / secsUp : to);
  return {
    t,
    heaters: {
      tool0: {
        actual: t.map((s) => up(s, 205, 150) + Math.sin(s / 9) * 0.5 - (s > 1830 && s < 1900 ? 60 : 0)),
        target: t.map(() => 205),
      },
      bed: { actual: t.map((s) => up(s, 60, 90) + Math.sin(s / 20) * 0.2), target: t.map(() => 60) },
    },
  };
}
function events(id) {
  const s = Date.parse(one(id).started_at) / 1000;
  const e = (n, at, event_type, event_class, event_title, event_text = '') => ({
    id: id * 10 + n,
    print: id,
    printer: 1,
    event_type,
    event_class,
    event_title,
    event_text,
    image_url: null,
    info_url: null,
    initiator: 'app',
    created_at: iso(s + at),
  });
  return [
    e(6, 1980, 'ENDED', 'SUCCESS', 'Print finished'),
    e(5, 1880, 'RESUMED', 'INFO', 'You: fine, resumed'),
    e(4, 1815, 'PAUSED', 'ERROR', 'Paused by the watch'),
    e(3, 1310, 'FAILURE_ALERTED', 'WARNING', 'Alert', 'Something by the frame.'),
    e(2, 700, 'WATCH_LOST', 'INFO', 'Camera unplugged, 2 min'),
    e(1, 0, 'STARTED', 'SUCCESS', 'Print started'),
  ];
}
function groups(by) {
  const step = { day: 1, week: 7, month: 30, year: 365 }[by] ?? 7;
  const count = { day: 7, week: 8, month: 12, year: 4 }[by] ?? 8;
  return Array.from({ length: count }, (_, i) => ({
    key: iso(t0 - (count - 1 - i) * step * 86_400).slice(0, 10),
    finished: 4 + ((i * 5) % 6),
    failed: i % 3 === 0 ? 1 + (i % 2) : 0,
    cancelled: i > count - 4 ? 1 : 0,
    interrupted: i === 2 ? 1 : 0,
  }));
}
function matches(p, q) {
  const word = (q.get('q') ?? '').toLowerCase();
  if (word && !`${p.filename} ${p.vigil.notes} ${p.vigil.tags.join(' ')}`.toLowerCase().includes(word))
    return false;
  const result = p.alert_overwrite === 'FAILED' ? 'failed' : p.vigil.ended_by;
  if (q.get('result') && q.get('result') !== result) return false;
  if (q.get('alerts') && !p.alerted_at) return false;
  if (q.get('kept') && !p.vigil.kept) return false;
  if (q.get('tag') && !p.vigil.tags.includes(q.get('tag'))) return false;
  if (q.get('from_date') && p.started_at < q.get('from_date')) return false;
  return !q.get('file') || p.g_code_file.id === Number(q.get('file'));
}
let gone = new Set();
function list(query) {
  const q = new URLSearchParams(query);
  const all = Array.from({ length: TOTAL }, (_, i) => i + 1)
    .filter((id) => !gone.has(id))
    .map(one);
  return { q, all: all.filter((p) => matches(p, q)) };
}

/** Answers what is of past prints; `undefined` when it is not. */
export function pastApi(path, query, body, method) {
  const at = (pattern) => new RegExp(`^/api/v1/${pattern}$`).exec(path);
  if (at('prints/')) {
    const { q, all } = list(query);
    const start = Number(q.get('start') ?? 0);
    return all.slice(start, start + Number(q.get('limit') ?? 12));
  }
  if (at('vigil/prints/count/')) {
    const { all } = list(query);
    return { count: all.length, media_bytes: all.reduce((sum, p) => sum + p.vigil.media_bytes, 0) };
  }
  if (at('prints/bulk_delete/')) {
    if (!body.keep_record) gone = new Set([...gone, ...body.print_ids]);
    return {};
  }
  if (at('prints/stats/'))
    return {
      total_print_count: 59,
      total_print_time: 471_600,
      total_filament_used: 812_000,
      total_cancelled_print_count: 8,
      total_succeeded_print_count: 51,
      longest_print_time: 40_000,
      average_print_time: 8000,
    };
  if (at('vigil/prints/stats/'))
    return {
      groups: groups(new URLSearchParams(query).get('group_by')),
      printers: [{ printer: 1, prints: 59, finished: 51, secs: 471_600, filament_mm: 812_000 }],
      saved: { pauses: 6, confirmed: 4, false_alarms: 2, alerts: 11, filament_mm: 104_000, secs: 33_000 },
      failures: [
        { why: 'Judged as a failure', count: 3 },
        { why: 'The USB cable was pulled.', count: 2 },
        { why: 'The printer reset itself', count: 1 },
      ],
      reasons: [
        { name: 'Tangle (spaghetti)', spool: null, prints: 4, finished: 0, grams: 80 },
        { name: 'Did not stick to the bed', spool: null, prints: 2, finished: 0, grams: 12 },
      ],
      materials: [
        { name: 'PLA', spool: null, prints: 44, finished: 40, grams: 1800 },
        { name: 'PETG', spool: null, prints: 12, finished: 9, grams: 520 },
      ],
      spools: [
        { name: 'Teal matt', spool: 1, prints: 12, finished: 11, grams: 588 },
        { name: 'Galaxy black', spool: 2, prints: 31, finished: 25, grams: 936 },
      ],
      taken: { grams: 2420, of_spools: 38, unpriced_g: 600, kwh: 15.7, energy: 5.02 },
    };
  const p = at('prints/(\\d+)/');
  if (p) {
    const id = Number(p[1]);
    if (method === 'PATCH') {
      const { notes, tags, reason, kept, ...top } = body;
      const old = extras.get(id) ?? { top: {}, vigil: {} };
      const vigil = Object.fromEntries(
        Object.entries({ notes, tags, reason: reason === '' ? null : reason, kept }).filter(
          ([, v]) => v !== undefined,
        ),
      );
      extras.set(id, { top: { ...old.top, ...top }, vigil: { ...old.vigil, ...vigil } });
    }
    return one(id);
  }
  if (path.endsWith('vigil/prints/import/')) return { print: 3 };
  const of = at('vigil/prints/(\\d+)/(frames|looks|temperatures|film|evidence)/');
  if (of) {
    const id = Number(of[1]);
    if (of[2] === 'frames') return frames(id);
    if (of[2] === 'looks') return looks(id);
    if (of[2] === 'temperatures') return heat(id);
    if (of[2] === 'evidence')
      return [
        {
          frame: 600,
          url: `/media/prints/${id}/film.mp4`,
          seconds: 90,
          num_bytes: 4_200_000,
          created_at: null,
        },
      ];
    if (method === 'POST') jobs.set(id, Date.now());
    if (method === 'DELETE') jobs.delete(id);
    const since = jobs.has(id) ? (Date.now() - jobs.get(id)) / 9000 : 2;
    const film = one(id).vigil.film;
    return { ...film, progress: since < 1 ? since : null, options, frames: 300, position_in_queue: null };
  }
  const shot = at('printshotfeedbacks/(\\d+)/');
  if (shot) {
    const found = shots.find((s) => s.id === Number(shot[1]));
    if (method === 'PUT' && found)
      Object.assign(found, { answer: body.answer, answered_at: iso(Date.now() / 1000) });
    return { instance: found, credited_dhs: shots.every((s) => s.answer) ? 2 : 0 };
  }
  if (at('printer_events/')) return [2, 1, 3].flatMap(events);
  if (at('vigil/timelapse/')) {
    if (method === 'PUT') options = body;
    return options;
  }
  if (at('vigil/prints/import/')) {
    jobs.set(7, Date.now());
    return { print: 7 };
  }
  if (at('vigil/report/')) {
    const names = [
      'about.txt',
      'doctor.txt',
      'printers.json',
      'app.json',
      'notices.json',
      'dialogue-1.txt',
      'core.log',
    ];
    if (new URLSearchParams(query).get('pictures') === 'true') names.push('camera-1.jpg');
    return names.map((name, n) => ({ name, num_bytes: 150 * 7 ** (n % 4) }));
  }
  if (at('vigil/storage/')) {
    const q = new URLSearchParams(query);
    const start = Number(q.get('start') ?? 0);
    return {
      free_bytes: 41e9,
      total_bytes: 250e9,
      reserve_bytes: 0.5e9,
      database_bytes: 88e6,
      copies_bytes: 240e6,
      files_bytes: 1.3e9,
      media_bytes: 18.4e9,
      retention,
      prints: Array.from({ length: Math.min(8, 40 - start) }, (_, i) => ({
        print: start + i + 1,
        filename: `${NAMES[(start + i) % 5]}.gcode`,
        started_at: iso(t0 - (start + i) * 61_000),
        kept: i === 2,
        frame_bytes: 900e6 / (start + i + 1),
        other_bytes: 120e6 / (start + i + 1),
        num_frames: 4000 - 80 * (start + i),
      })),
    };
  }
  if (at('vigil/storage/retention/')) {
    retention = body;
    return retention;
  }
  if (at('vigil/storage/tidy/'))
    return retention.pictures_days || query ? { prints: 12, bytes: 3.2e9 } : { prints: 0, bytes: 0 };
  if (at('vigil/prints/tags/')) return ['PETG', 'gift', 'vase mode'];
  if (at('vigil/maintenance/')) {
    if (method === 'POST')
      cares = [...cares, { ...body, id: cares.length + 10, used: 0, done_at: iso(t0), due: false }];
    return cares;
  }
  const care = at('vigil/maintenance/(\\d+)/(done/)?');
  if (care) {
    const id = Number(care[1]);
    if (method === 'DELETE') cares = cares.filter((c) => c.id !== id);
    else
      cares = cares.map((c) =>
        c.id === id ? { ...c, ...body, ...(care[2] ? { used: 0, due: false } : {}) } : c,
      );
    return cares.find((c) => c.id === id) ?? {};
  }
  return undefined;
}

/** The art that stands in for a kept picture. */
export function pastPicture(path) {
  const frame = /^\/media\/prints\/\d+\/frames\/(\d+)\.jpg$/.exec(path);
  if (!frame) return null;
  const n = Number(frame[1]);
  return n > 255 && n < 285
    ? 'cam-tangle'
    : ['rv-boat', 'rv-box', 'rv-gear', 'rv-vase', 'rv-bracket'][Math.floor(n / 60) % 5];
}
