// Canned printers, one for each state worth looking at. Values are examples.
import { alertFields, ignored, learnt, watchFields } from './watch.mjs';
import { lineIn, LINES } from './layers.mjs';
import { iso, now, print } from './prints.mjs';
import { tools } from './tools.mjs';

const CAN = {
  start: false,
  pause: false,
  resume: false,
  cancel: false,
  home: false,
  heat: false,
  connect: false,
  disconnect: false,
  drill: false,
};
/** @type {import('$lib/bindings/Detection').Detection} */
const BOX = { class: 'failure', confidence: 0.86, area: { x: 460, y: 390, w: 510, h: 236 } };

/** @returns {import('$lib/bindings/Flags').Flags} */
const flags = (code) => ({
  operational: code !== 'offline',
  paused: code === 'paused',
  printing: code === 'printing',
  pausing: code === 'pausing',
  cancelling: false,
  sdReady: false,
  error: false,
  ready: code === 'operational',
  closedOrError: code === 'offline',
});

/** @returns {import('$lib/bindings/PrinterView').PrinterView} */
export function printer(seq, state, kept) {
  const t = now();
  const printing = !['idle', 'offline'].includes(state);
  const paused = state === 'alert' || state === 'paused';
  const hot = state === 'printing' || state === 'warned' || state === 'unwatched';
  const word =
    { alert: 'Paused', paused: 'Paused', pausing: 'Pausing', idle: 'Ready', offline: 'Not connected' }[
      state
    ] ?? 'Printing';
  const code =
    { alert: 'paused', paused: 'paused', pausing: 'pausing', idle: 'operational', offline: 'offline' }[
      state
    ] ?? 'printing';
  const alert = ['alert', 'warned'].includes(state);
  const watching = ['printing', 'warned'].includes(state) && kept.watching_enabled;
  const wave = Math.sin(t / 7);
  const gauge = state === 'warned' ? 0.52 : 0.14 + 0.04 * wave;
  const steps = (done) => [
    { label: 'Head lifted and parked', detail: '2.5 mm up', done: true },
    { label: 'Nozzle off', detail: done ? '171° and falling' : '', done },
  ];
  const heater = (actual, target) => ({ actual: actual + 0.2 * wave, target, offset: 0 });
  return {
    id: 1,
    name: kept.name,
    created_at: iso(t - 9e6),
    action_on_failure: kept.action_on_failure,
    watching_enabled: kept.watching_enabled,
    not_watching_reason: watching ? null : 'Printer is not actively printing',
    tools_off_on_pause: kept.tools_off_on_pause,
    bed_off_on_pause: kept.bed_off_on_pause,
    retract_on_pause: kept.retract_on_pause,
    lift_z_on_pause: kept.lift_z_on_pause,
    detective_sensitivity: kept.detective_sensitivity,
    min_timelapse_secs_on_finish: 600,
    min_timelapse_secs_on_cancel: 300,
    auth_token: '0123456789abcdef0123',
    archived_at: null,
    agent_name: 'printvigil',
    agent_version: '0.1.0',
    pic: null,
    settings: {
      webcam_flipV: false,
      webcam_flipH: false,
      webcam_streamRatio: '16:9',
      webcam_rotation: 0,
      agent_name: 'printvigil',
      agent_version: '0.1.0',
      temp_profiles: [],
    },
    status: {
      _ts: t,
      state: { text: word, flags: flags(code) },
      job: {
        file: { name: printing ? 'hex-planter.gcode' : null, obico_g_code_file_id: printing ? 1 : null },
        estimatedPrintTime: 6660,
        lastPrintTime: 6500,
        filament: { length: 22_100, volume: 53 },
      },
      progress: {
        completion: printing ? (paused || state === 'pausing' ? 28 : 62) : null,
        filepos: 1,
        printTime: 4020,
        printTimeLeft: printing ? 2460 : null,
        printTimeLeftOrigin: 'average',
        filamentUsed: 13_700,
      },
      temperatures: {
        tool0: printing ? (hot || state === 'pausing' ? heater(205, 205) : heater(171, 0)) : heater(24, 0),
        bed: printing ? heater(60, 60) : heater(23, 0),
      },
    },
    current_print: printing ? print(8, { alert_muted_at: kept.muted ? iso(t) : null }) : null,
    normalized_p: gauge,
    vigil: {
      seq,
      kind: kept.kind,
      state: code,
      state_word: word,
      state_detail:
        alert && paused
          ? `possible failure at ${new Date((t - 40) * 1000).toTimeString().slice(0, 5)}`
          : state === 'idle'
            ? ''
            : '',
      link: state === 'offline' ? { kind: 'closed' } : { kind: 'up' },
      port: kept.kind === 'demo' ? null : { path: '/dev/ttyUSB0', baud: 115200 },
      firmware: state === 'offline' ? '' : 'Marlin 2.1.2',
      capabilities: {},
      dots: [
        state === 'offline'
          ? {
              name: 'usb',
              state: 'unknown',
              label: 'USB',
              reason: 'Not connected.',
              fix: 'Switch the printer on, then press Connect.',
            }
          : {
              name: 'usb',
              state: 'ok',
              label: kept.kind === 'agent' ? 'Klipper' : 'USB',
              reason:
                kept.kind === 'agent'
                  ? 'Klipper answers (moonraker_obico 2.1.4).'
                  : 'Link to Marlin 2.1.2, 0.0 % of lines repeated.',
              fix: '',
            },
        state === 'unwatched'
          ? {
              name: 'camera',
              state: 'danger',
              label: 'Camera',
              reason: 'The camera was unplugged.',
              fix: 'Plug it in again; it is found by itself.',
            }
          : { name: 'camera', state: 'ok', label: 'Camera', reason: 'Live, 1280 x 720.', fix: '' },
        state === 'unwatched'
          ? {
              name: 'watch',
              state: 'danger',
              label: 'NOT watched',
              reason: 'No pictures come.',
              fix: 'See the camera.',
            }
          : watching
            ? { name: 'watch', state: 'ok', label: 'Watching', reason: 'A look every 4 seconds.', fix: '' }
            : paused
              ? {
                  name: 'watch',
                  state: 'attention',
                  label: 'Watch on hold',
                  reason: 'The print is paused.',
                  fix: '',
                }
              : { name: 'watch', state: 'unknown', label: 'Watch ready', reason: 'Nothing prints.', fix: '' },
      ],
      progress: printing
        ? {
            on_card: false,
            slicer_left_secs: 2520,
            time_sources: [
              { kind: 'slicer', left_secs: 2340, used: false },
              { kind: 'm73', left_secs: 2520, used: false },
              { kind: 'analysis', left_secs: 2790, used: false },
              { kind: 'past_prints', left_secs: 2460, used: true },
              { kind: 'live', left_secs: 2610, used: false },
            ],
            layer: 118,
            layers: 190,
            z_mm: 23.6,
            line: lineIn(118),
            lines: LINES,
            done_at: iso(t + 2460),
            estimate_word: 'going by 3 past prints',
          }
        : null,
      steps: paused ? steps(true) : state === 'pausing' ? steps(false) : [],
      pause_confirmed: paused,
      alarm: kept.alarm,
      alarms: kept.alarm
        ? [{ kind: 'internal', text: kept.alarm, at: new Date().toISOString(), can_be_seen: true }]
        : [],
      warning: null,
      heat: {
        known: state !== 'offline',
        told_at: state === 'offline' ? iso(t - 40) : null,
        may_be_on: state === 'offline',
      },
      last_print: kept.last_print ?? null,
      queue: kept.queue ?? [],
      spools: kept.spools ?? [{ tool: 0, spool: 1 }],
      spool_asked: kept.spool_asked ?? null,
      switch_off_now: kept.switch_off_now,
      reminders: 0,
      watch: {
        watching,
        reason: watching
          ? ''
          : state === 'unwatched'
            ? 'The camera was unplugged.'
            : 'Printer is not actively printing.',
        fix: state === 'unwatched' ? 'Plug it in again; it is found by itself.' : '',
        gauge: watching ? gauge : null,
        zone: watching ? (gauge > 0.33 ? 'alert' : 'fine') : null,
        looked_at: iso(t - 1),
        probability: 0.12,
        p: 0.12,
        ewm_mean: 0.11,
        rolling_mean_short: 0.08,
        rolling_mean_long: 0.06,
        level: state === 'warned' ? 0.5 : 0.05,
        warn_above: 0.38,
        pause_above: 0.67,
        frame_num: 960,
        safe_frames: 30,
        lifetime_frame_num: 41_200,
        boxes: state === 'warned' ? [{ ...BOX, confidence: 0.55 }] : [],
        frame_size: [1280, 720],
        watched_percent: printing ? 97.5 : null,
        model: 'vigil-small 3',
        total_ms: 61,
        inference_ms: 48,
        ...watchFields(kept, printing, kept.trouble),
      },
      alert: alert
        ? {
            at: iso(t - 40),
            paused,
            frame: 600,
            img_url: '/api/v1/vigil/frames/600.jpg',
            boxes: [paused ? BOX : { ...BOX, confidence: 0.55 }],
            frame_size: [1280, 720],
            layer: 54,
            text: paused
              ? 'Loose strands where the part should be. Seen 6 times in 60 seconds.'
              : 'Seen 3 times in 60 seconds.',
            curve: Array.from({ length: 30 }, (_, i) => [
              t - 160 + i * 4,
              Math.min(0.93, 0.08 + (i > 14 ? (i - 14) ** 1.4 / 48 : 0.01 * (i % 3))),
            ]),
            before: Array.from({ length: 15 }, (_, i) => 585 + i),
            ...alertFields(),
          }
        : null,
      camera: {
        id: 1,
        camera: {
          id: 1,
          name: 'Desk camera',
          source: { kind: 'device', device: '/dev/video0', format: null },
          rotation: 0,
          flip_h: false,
          flip_v: false,
        },
        live: state !== 'unwatched',
        reason: '',
        size: [1280, 720],
        ignore: ignored(),
        learnt: learnt(),
      },
      other_cameras: [{ id: 2, name: 'Nozzle camera', reason: '' }],
      can: {
        ...CAN,
        start: state === 'idle',
        home: state === 'idle',
        heat: !['offline', 'pausing'].includes(state),
        pause: hot,
        resume: paused,
        cancel: hot || paused,
        connect: state === 'offline',
        disconnect: state === 'idle',
        drill: !alert,
      },
      bed_off_at: paused ? iso(t + 58 * 60) : null,
      heaters_off_at: null,
      history_lost: null,
      watch_settings: kept.watch,
      bed_hold_mins: kept.bed_hold_mins,
      max_z_mm: 250,
      filament_diameter_mm: 1.75,
      resend_percent: 0,
      tools: tools(state),
      clock_scale: kept.kind === 'demo' ? 10 : 1,
      machine: null,
      safety: [],
      idle_heat_mins: 15,
      sd: null,
      detection_hours: null,
      temperature_offsets: {},
      scripts: { start: '', pause: 'M150 R255', resume: 'M150 U255', end: '' },
    },
  };
}
