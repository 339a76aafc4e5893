// What the stand-in tells of work by hand.
const WORDS = [
  'N12 G1 X12.5 Y8 E1.2*57',
  'ok P15 B3',
  'echo:Unknown command: "M999X"',
  'N13 M106 S128*10',
  'ok',
];
const MADE = '2026-01-05T09:00:00Z';
/** @type {import('$lib/bindings/Macro').Macro[]} */
const macros = [
  {
    id: 1,
    printer: null,
    name: 'Park for cleaning',
    body: 'G28 X Y\nG1 Z50 F600',
    position: 0,
    colour: 'teal',
    confirm: false,
    created_at: MADE,
    updated_at: MADE,
  },
  {
    id: 2,
    printer: null,
    name: 'Load filament',
    body: 'M109 S{nozzle_temp}\nM83\nG1 E80 F300',
    position: 1,
    colour: null,
    confirm: true,
    created_at: MADE,
    updated_at: MADE,
  },
];

/** @type {import('$lib/bindings/PrintObject').PrintObject[]} */
const OBJECTS = [
  { name: 'Bracket.stl id:0 copy 0', min_mm: [20, 30], max_mm: [70, 80], state: 'printing' },
  { name: 'Bracket.stl id:0 copy 1', min_mm: [90, 30], max_mm: [140, 80], state: 'left_out' },
  { name: 'Hook.stl id:1 copy 0', min_mm: [60, 110], max_mm: [160, 170], state: 'kept' },
];

/** @returns {import('$lib/bindings/Dial').Dial} */
const dial = (percent, source) => ({ percent, source, ordered: null });

/** @returns {import('$lib/bindings/Tools').Tools} */
export function tools(state) {
  const running = ['printing', 'paused', 'pausing'].includes(state);
  const height = (x, y) => -0.02 * (x - 2) + 0.03 * (y - 2) + 0.012 * ((x - 2) ** 2 + (y - 2) ** 2) - 0.05;
  return {
    homed: [running, running, running],
    area: { min: [0, 0, 0], max: [220, 220, 250] },
    position_mm: [110, 95.5, 12.2],
    fan: running ? dial(50, 'file') : dial(null, 'unknown'),
    speed: dial(100, 'printer'),
    flow: { percent: 100, source: 'here', ordered: running ? 95 : null },
    baby: 'yes',
    baby_mm: running || state === 'operational' ? -0.04 : 0,
    z_offset: {
      keeper: 'probe',
      told_mm: -1.95,
      holds: running,
      cannot_save: '',
      save: { state: 'nothing' },
    },
    tool: 0,
    tool_count: 1,
    objects: running ? OBJECTS : [],
    objects_unfit: '',
    pause_at: state === 'printing' ? { layer: 141 } : null,
    pause_text: state === 'paused' ? 'The file says: Put the nut in' : '',
    prompt:
      state === 'paused'
        ? { text: 'Nozzle Parked', buttons: ['Continue', 'Purge more'], answered: null }
        : null,
    mesh: {
      rows: [0, 1, 2, 3, 4].map((y) => [0, 1, 2, 3, 4].map((x) => (x + y === 8 ? null : height(x, y)))),
    },
    waiting: 0,
  };
}

/** Answers what is asked of the tools; `null` when it is something else. */
export function toolsApi(path, query) {
  if (path.endsWith('/terminal/')) {
    const after = Number(/after=(\d+)/.exec(query)?.[1] ?? 0);
    const count = after === 0 ? 5000 : 2;
    const lines = Array.from({ length: count }, (_, i) => {
      const text = WORDS[(after + i) % WORDS.length];
      return { seq: after + i + 1, t: 0, direction: text.startsWith('N') ? 'sent' : 'received', text };
    });
    return { lines, next: after + count, more: after < 95_000 && after > 0, missed: false };
  }
  if (path.endsWith('/temp_profiles/'))
    return [
      { name: 'PLA', extruder: 205, bed: 60 },
      { name: 'PETG', extruder: 240, bed: 80 },
      { name: 'ABS', extruder: 245, bed: 100 },
      { name: 'TPU', extruder: 225, bed: 50 },
    ];
  return path.includes('/macros/') ? macros : null;
}
