// Canned printers, one for each state worth looking at. Values are examples.
import { alertFields, ignored, watchFields } from './watch.mjs';
import { tools } from './tools.mjs';

const iso = (secs) => new Date(secs * 1000).toISOString().replace('Z', '000Z');
export const now = () => Date.now() / 1000;

export const FILES = [
  file(1, 'hex-planter.gcode', 4_210_000, 6660, 22_100, 'planter'),
  file(2, 'boat.gcode', 6_930_000, 8400, 12_700, 'boat'),
  file(3, 'twist-vase.gcode', 12_100_000, 14_520, 17_700, 'vase'),
  file(4, 'gear-14.gcode', 980_000, 2880, 4020, 'gear'),
  file(5, 'shelf-bracket-with-a-rather-long-name-v2-final.gcode', 8_400_000, 11_100, 18_100, 'bracket'),
];

function file(id, filename, num_bytes, estimated_time, filament_total, art) {
  const at = iso(now() - id * 90_000);
  return {
    id,
    user: 1,
    filename,
    safe_filename: filename,
    parent_folder: null,
    url: `/media/files/${id}`,
    num_bytes,
    agent_signature: null,
    metadata_json: '{"layers":190,"layer_height":0.2}',
    filament_total,
    estimated_time,
    thumbnail1_url: `/media/art/th-${art}.svg`,
    created_at: at,
    updated_at: at,
    deleted: null,
  };
}

export function print(id, fields = {}) {
  const started = fields.started ?? now() - 4020;
  const { vigil, ...rest } = fields;
  delete rest.started;
  return {
    id,
    printer: 1,
    g_code_file: FILES[(id - 1) % FILES.length],
    filename: FILES[(id - 1) % FILES.length].filename,
    started_at: iso(started),
    ended_at: null,
    finished_at: null,
    cancelled_at: null,
    uploaded_at: null,
    alerted_at: null,
    alert_acknowledged_at: null,
    alert_muted_at: null,
    paused_at: null,
    video_url: null,
    tagged_video_url: null,
    poster_url: null,
    prediction_json_url: `/api/v1/prints/${id}/prediction_json/`,
    alert_overwrite: null,
    access_consented_at: null,
    filament_used: null,
    print_time: null,
    need_alert_overwrite: false,
    need_print_shot_feedback: false,
    printshotfeedback_set: [],
    ...rest,
    vigil: { ended_by: null, ended_why: null, demo: false, file: 1, ...vigil },
  };
}

function past(id, took, ended_by, more = {}) {
  const started = now() - id * 61_000;
  const end = iso(started + took);
  return print(id, {
    started,
    ended_at: end,
    finished_at: ended_by === 'finished' ? end : null,
    cancelled_at: ended_by === 'finished' ? null : end,
    print_time: took,
    filament_used: took * 2.9,
    video_url: `/media/prints/${id}/film.mp4`,
    poster_url: `/media/art/${['cam-ok', 'cam-page', 'cam-side', 'cam-tangle'][id % 4]}.svg`,
    ...more,
    vigil: { ended_by, ...more.vigil },
  });
}

export const PRINTS = [
  past(1, 1980, 'cancelled', {
    alert_overwrite: 'FAILED',
    alerted_at: iso(now() - 60_000),
    paused_at: iso(now() - 60_000),
  }),
  past(2, 8520, 'finished', { alert_overwrite: 'NOT_FAILED', alerted_at: iso(now() - 120_000) }),
  past(3, 5700, 'interrupted', {
    vigil: { ended_by: 'interrupted', ended_why: 'The USB cable was pulled.' },
  }),
  past(4, 2880, 'finished'),
  past(5, 11_100, 'finished', { video_url: null }),
  past(6, 1560, 'cancelled'),
  past(7, 9600, 'finished', { vigil: { ended_by: 'finished', demo: true } }),
];

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
const BOX = { class: 'failure', confidence: 0.86, area: { x: 460, y: 390, w: 510, h: 236 } };

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
      state: { text: word, flags: {} },
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
              label: 'USB',
              reason: 'Link to Marlin 2.1.2, 0.0 % of lines repeated.',
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
            layer: 118,
            layers: 190,
            z_mm: 23.6,
            line: 1,
            lines: 2,
            done_at: iso(t + 2460),
            estimate_word: 'going by 3 past prints',
          }
        : null,
      steps: paused ? steps(true) : state === 'pausing' ? steps(false) : [],
      pause_confirmed: paused,
      alarm: kept.alarm,
      switch_off_now: kept.switch_off_now,
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
      },
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
      resend_percent: 0,
      tools: tools(state),
      clock_scale: kept.kind === 'demo' ? 10 : 1,
      machine: null,
      safety: [],
      idle_heat_mins: 15,
    },
  };
}
