// A backup of OctoPrint that is looked at, then brought in. Values are examples.

/** @type {import('$lib/bindings/OctoPrintBackup').OctoPrintBackup | null} */
let backup = null;

/** Answers what is of OctoPrint's backup; `undefined` when it is not, or when there is none. */
export function octoprintApi(path, method) {
  const at = /^\/api\/v1\/vigil\/octoprint_backup\/(take\/)?$/.exec(path);
  if (!at) return undefined;
  if (method === 'POST')
    backup = {
      name: 'octoprint-backup-20260501-101500.zip',
      version: '1.11.8',
      files: 143,
      files_bytes: 1.2e9,
      file_names: ['cube.gcode', 'toys/boat.gcode', 'toys/dragon.gcode'],
      films: 12,
      films_bytes: 310e6,
      film_names: ['boat_20260403120000.mp4'],
      prints: 388,
      left_out: [
        'part.stl and 21 more: no G-code.',
        'old.mpg: no MP4: convert it, with HandBrake for example.',
      ],
      taking: at[1] ? { done: 31, of: 155, name: 'dragon.gcode' } : null,
      taken: null,
    };
  return backup ?? undefined;
}
