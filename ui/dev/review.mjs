// What the stand-in has to be looked through: alerts, sightings, gaps.
import { reasons } from './watch.mjs';

const t0 = Date.now() / 1000;
const iso = (secs) => new Date(secs * 1000).toISOString().replace('Z', '000Z');
const ART = ['cam-tangle', 'rv-boat', 'rv-vase', 'rv-gear', 'rv-bracket', 'rv-box'];
const BOXES = [
  { x: 395, y: 540, w: 680, h: 320 },
  { x: 880, y: 330, w: 260, h: 210 },
  { x: 320, y: 460, w: 600, h: 310 },
  { x: 100, y: 560, w: 240, h: 150 },
  { x: 480, y: 250, w: 330, h: 230 },
  { x: 370, y: 450, w: 460, h: 240 },
];
/** @type {(import('$lib/bindings/FrameAnswer').FrameAnswer | null)[]} */
const ANSWERS = [null, null, null, 'failure', 'fine', 'unsure'];
/** @type {import('$lib/bindings/ReviewItem').ReviewItem[]} */
const items = [];
function add(kind, i) {
  const n = items.length + 1;
  const at = t0 - 3000 - i * (kind === 'sighting' ? 21_000 : 61_000);
  const gap = kind === 'gap';
  items.push({
    kind,
    print: (i % 7) + 1,
    printer: 1,
    filename: [
      'hex-planter.gcode',
      'boat.gcode',
      'twist-vase.gcode',
      'gear-14.gcode',
      'shelf-bracket-with-a-rather-long-name-v2-final.gcode',
    ][i % 5],
    id: gap ? n : 600 + n,
    frame: gap ? null : 600 + n,
    started_at: iso(at - 3600),
    size: gap ? null : [1280, 720],
    reasons: kind === 'alert' ? reasons({ verdict: 'pause', p: 1.1, level: 0.7, for_secs: 60 }) : null,
    at: iso(at),
    until: iso(at + (gap ? 130 + i * 60 : 40)),
    level: gap ? null : kind === 'alert' ? 0.9 - i * 0.03 : 0.3 - i * 0.004,
    paused: kind === 'alert' && i % 2 === 0,
    layer: gap ? null : 12 + i * 7,
    line: gap ? null : 2000 + 311 * i,
    boxes: gap ? [] : [{ class: 'failure', confidence: 0.8, area: BOXES[i % 6] }],
    image_url: gap ? null : `/media/art/${ART[i % 6]}.svg`,
    evidence_url: kind === 'alert' && i !== 3 ? '/media/prints/1/film.mp4' : null,
    answer: (kind === 'alert' && ANSWERS[i % 6]) || null,
    reviewed_at: i > 2 ? iso(at + 600) : null,
    why: gap
      ? 'The camera was unplugged.'
      : 'Something in the middle of the picture looks plainly like loose filament.',
    demo: i % 5 === 4,
  });
}
for (let i = 0; i < 17; i++) add('alert', i);
for (let i = 0; i < 130; i++) add('sighting', i);
for (let i = 0; i < 6; i++) add('gap', i);

const unseen = (kind) => items.filter((x) => x.kind === kind && !x.reviewed_at).length;

export function reviewApi(path, query, body, method) {
  if (path === '/api/v1/vigil/review/counts/')
    return { alerts: unseen('alert'), sightings: unseen('sighting'), gaps: unseen('gap'), days: [] };
  if (path !== '/api/v1/vigil/review/') return undefined;
  if (method === 'POST') {
    for (const mark of body.items) {
      const item = items.find((x) => x.kind === mark.kind && x.id === mark.id);
      if (!item) continue;
      item.reviewed_at = body.reviewed ? iso(Date.now() / 1000) : null;
      if (body.answer !== undefined) item.answer = body.answer;
    }
    return { changed: body.items.length };
  }
  const q = new URLSearchParams(query);
  const yes = (x) =>
    x.kind === q.get('kind') &&
    (!q.get('answer') || (q.get('answer') === 'none' ? !x.answer : x.answer === q.get('answer'))) &&
    (!q.get('from') || Date.parse(x.at) >= Date.parse(q.get('from') ?? '')) &&
    (!q.get('to') || Date.parse(x.at) < Date.parse(q.get('to') ?? ''));
  const all = items.filter(yes);
  const some = all.filter((x) => !q.get('reviewed') || (q.get('reviewed') === 'true') === !!x.reviewed_at);
  const start = Number(q.get('start') ?? 0);
  return {
    items: some.slice(start, start + Number(q.get('limit') ?? 50)),
    count: some.length,
    unreviewed: all.filter((x) => !x.reviewed_at).length,
  };
}
