// Canned files and prints. Values are examples.
export const iso = (secs) => new Date(secs * 1000).toISOString().replace('Z', '000Z');
export const now = () => Date.now() / 1000;

/** @type {import('$lib/bindings/GCodeFile').GCodeFile[]} */
export const FILES = [
  file(1, 'hex-planter.gcode', 4_210_000, 6660, 22_100, 'planter'),
  file(2, 'boat.gcode', 6_930_000, 8400, 12_700, 'boat'),
  file(3, 'twist-vase.gcode', 12_100_000, 14_520, 17_700, 'vase'),
  file(4, 'gear-14.gcode', 980_000, 2880, 4020, 'gear'),
  file(5, 'shelf-bracket-with-a-rather-long-name-v2-final.gcode', 8_400_000, 11_100, 18_100, 'bracket'),
];

/** @returns {import('$lib/bindings/GCodeFile').GCodeFile} */
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

/**
 * @param {number} id
 * @param {Partial<Omit<import('$lib/bindings/PrintView').PrintView, 'vigil'>> & {started?: number, vigil?: Partial<import('$lib/bindings/PrintVigil').PrintVigil>}} fields
 * @returns {import('$lib/bindings/PrintView').PrintView}
 */
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
    vigil: {
      ended_by: null,
      ended_why: null,
      demo: false,
      file: 1,
      notes: '',
      tags: [],
      reason: null,
      kept: false,
      media_bytes: 0,
      num_frames: 0,
      pictures_dropped_at: null,
      watched: null,
      alerts: 0,
      film: { state: null, why: null },
      ...vigil,
    },
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
