// What the stand-in tells of the watch: reasons, gaps, areas, what-ifs, fits, drills.
const iso = (secs) => new Date(secs * 1000).toISOString();
const t0 = Date.now() / 1000;
/** @type {import('$lib/bindings/LearntView').LearntView} */
const LEARNT = {
  hours: 6.2,
  prints: 3,
  mood: 'calm',
  text: 'This camera is calm: learnt from 6 h 12 min of 3 good prints. Its good pictures hardly stir the model, so small signs count.',
  model: 'Printvigil spaghetti 1.4.0',
  used: true,
};
/** @type {{learnt: import('$lib/bindings/LearntView').LearntView | null, ignore: import('$lib/bindings/IgnoreArea').IgnoreArea[], asked: Map<number, number>, next: number, drill: number | null, answers: Map<number, import('$lib/bindings/FrameAnswer').FrameAnswer>}} */
const state = { learnt: LEARNT, ignore: [], asked: new Map(), next: 1, drill: null, answers: new Map() };

/**
 * @param {Partial<import('$lib/bindings/Reasons').Reasons>} over
 * @returns {import('$lib/bindings/Reasons').Reasons}
 */
export const reasons = (over = {}) => ({
  rule: 'printvigil',
  verdict: 'fine',
  p: 0.22,
  scaled: null,
  scale: 'none',
  counted: 0.05,
  ignored: 0,
  known: 0.55,
  passing: 0.2,
  level: 0.06,
  warn_above: 0.38,
  pause_above: 0.665,
  gauge: 0.06,
  place: { x: 0.36, y: 0.54, w: 0.4, h: 0.33 },
  for_secs: 0,
  may_alert_in_secs: 0,
  ...over,
});
/** @type {Partial<import('$lib/bindings/Reasons').Reasons>} */
const ALARM = {
  verdict: 'pause',
  p: 1.1,
  counted: 0.94,
  known: 0.1,
  passing: 0.05,
  level: 0.71,
  gauge: 0.7,
  for_secs: 64,
};
const WHY = [
  'Something in the middle of the picture looks plainly like loose filament. It has been there for 64 s.',
  'Part of what looks suspicious was there before the print, and does not count.',
];
/** @returns {import('$lib/bindings/WatchGap').WatchGap[]} */
export const gaps = (print, end) => [
  { print, from: iso(end - 5000), to: iso(end - 4880), why: 'The camera was unplugged.' },
  { print, from: iso(end - 1500), to: iso(end - 1440), why: 'The picture was too dark.' },
];

/**
 * @returns {Pick<import('$lib/bindings/WatchView').WatchView, 'rule' | 'reasons' | 'why' | 'watched_secs' | 'gaps' | 'every_secs' | 'camera_trouble' | 'drill'>}
 */
export function watchFields(kept, printing, trouble) {
  const { drill } = state;
  return {
    rule: kept.watch.rule,
    reasons: reasons(),
    why: [
      'Nothing looks like a failure.',
      'Part of what looks suspicious was there before the print, and does not count.',
    ],
    watched_secs: printing ? 7080 : 0,
    gaps: printing ? gaps(8, Date.now() / 1000) : [],
    every_secs: 1,
    camera_trouble: trouble
      ? {
          kind: 'dark',
          text: "The camera's picture is too dark.",
          cure: 'Switch a light on, or keep one on for the night.',
        }
      : null,
    drill:
      drill === null
        ? null
        : {
            started_at: iso(drill),
            steps: [
              'Sample failure shown to the detector',
              'Alert raised and told',
              'Demo printer paused',
            ].map((label, i) => ({
              label,
              detail: i === 0 ? 'score 0.91' : '',
              done: Date.now() / 1000 - drill > i * 4 + 1,
            })),
            over: Date.now() / 1000 - drill > 12,
            passed: Date.now() / 1000 - drill > 12,
            text:
              Date.now() / 1000 - drill > 12
                ? 'All of it works: the picture was seen, the alert came, and the demo printer paused.'
                : '',
          },
  };
}
export const ignored = () => state.ignore;
export const learnt = () => state.learnt;
export const alertFields = () => ({ reasons: reasons(ALARM), why: WHY, place: reasons().place });

/** @returns {import('$lib/bindings/WhatIfPrint').WhatIfPrint} */
const past = (print, truth, now, then) => ({
  print,
  name: ['hex-planter.gcode', 'boat.gcode', 'a-bracket-with-a-very-long-name-for-the-shelf_v12.gcode'][
    print % 3
  ],
  started_at: iso(t0 - print * 61_000),
  truth,
  alert_now: now,
  pause_now: now && now + 40,
  alert_then: then,
  pause_then: then && then > 600 ? then + 60 : null,
});
const PRINTS = [
  past(1, 'good', 840, null),
  past(2, 'good', 310, null),
  past(3, 'failed', 1500, 1512),
  past(4, 'unknown', null, null),
];
/** @type {import('$lib/bindings/Tally').Tally} */
const NOW = { false_alarms: 3, good: 8, caught: 4, failed: 4, unknown_alerts: 1 };
/** @type {import('$lib/bindings/Tally').Tally} */
const THEN = { false_alarms: 1, good: 8, caught: 4, failed: 4, unknown_alerts: 0 };

/** @returns {import('$lib/bindings/WhatIf').WhatIf} */
function progress(id) {
  const asked = state.asked.get(id) ?? 0;
  const done = Math.min(12, Math.floor((Date.now() - asked) / 250));
  const finished = done === 12;
  const text = finished ? '2 of 3 false alarms vanish, all 4 real ones stay.' : '';
  return {
    id,
    done,
    total: 12,
    finished,
    looks: done * 7000,
    millis: done * 250,
    now: NOW,
    then: THEN,
    prints: finished ? PRINTS : [],
    text,
  };
}

/** @returns {import('$lib/bindings/WatchCurve').WatchCurve} */
function curve() {
  const t = Array.from({ length: 1900 }, (_, i) => i).filter((s) => s < 700 || s > 830);
  const hill = (s, at) => Math.exp(-(((s - at) / 60) ** 2));
  const p = t.map(
    (s) => 0.12 + 0.08 * Math.sin(s / 9) + 0.7 * hill(s, 1300) + 1.2 * hill(s, 1800) + 0.4 * hill(s, 300),
  );
  const counted = t.map((s, i) => (s < 600 ? 0.03 : p[i] * 0.85));
  return {
    t,
    p,
    counted,
    scale: "Judged by the camera's scale as it was when the print began: learnt from 6.2 h of 3 good prints.",
    gauge: t.map((s) => Math.min(0.95, 0.05 + 0.38 * hill(s, 1310) + 0.72 * hill(s, 1815))),
  };
}

/** Answers what is the watch's; `undefined` when it is not. */
export function watchApi(path, body, method) {
  const at = (pattern) => new RegExp(`^/api/v1/${pattern}$`).exec(path);
  if (at('vigil/cameras/\\d+/learnt/')) {
    state.learnt = null;
    return {};
  }
  if (at('vigil/cameras/\\d+/ignore/')) {
    state.ignore = body.areas;
    return { areas: body.areas };
  }
  if (at('vigil/printers/\\d+/drill/')) {
    state.drill = Date.now() / 1000;
    return { succeeded: true };
  }
  if (at('vigil/what_if/')) {
    state.asked.set(state.next, Date.now());
    return progress(state.next++);
  }
  const asked = at('vigil/what_if/(\\d+)/');
  if (asked) return method === 'DELETE' ? {} : progress(Number(asked[1]));
  if (at('vigil/printers/\\d+/fit/'))
    return {
      possible: true,
      threshold: 1.15,
      threshold_now: 1,
      before: NOW,
      after: THEN,
      prints: PRINTS,
      text: 'A little calmer would suit your answers better.',
    };
  const watch = at('vigil/prints/(\\d+)/watch/');
  if (watch) {
    const print = Number(watch[1]);
    const start = t0 - print * 61_000;
    const one = (frame, secs, paused, more) => ({
      print,
      frame,
      at: iso(start + secs),
      paused,
      reasons: reasons(more),
    });
    return {
      coverage: { print, printing_secs: 1980, watched_secs: 1850 },
      gaps: [{ print, from: iso(start + 700), to: iso(start + 830), why: 'The camera was unplugged.' }],
      decisions: [
        one(590, 1310, false, { verdict: 'alert', p: 0.8, level: 0.41, for_secs: 38 }),
        one(600, 1815, true, ALARM),
      ],
      feedback: [...state.answers].map(([frame, answer]) => ({ print, frame, answer, answered_at: iso(t0) })),
    };
  }
  if (at('vigil/prints/\\d+/curve/')) return curve();
  const frame = at('vigil/prints/(\\d+)/frames/(\\d+)/answer/');
  if (frame) {
    state.answers.set(Number(frame[2]), body.answer);
    return {
      print: Number(frame[1]),
      frame: Number(frame[2]),
      answer: body.answer,
      answered_at: iso(Date.now() / 1000),
    };
  }
  return undefined;
}
