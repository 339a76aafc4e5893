import type { TryPoint } from '$lib/api/tries';
import { counted } from '$lib/format/numbers';

export type RuleName = 'printvigil' | 'obico';

/** Of all the files of a folder, those that can be tried, in the order in which people read their names. */
export function usable<F extends { name: string; webkitRelativePath?: string }>(files: readonly F[]): F[] {
  const path = (file: F) => file.webkitRelativePath || file.name;
  const order = new Intl.Collator('en', { numeric: true });
  return files.filter((file) => isTriable(file.name)).sort((a, b) => order.compare(path(a), path(b)));
}

/** The words for a choice without anything to look at. */
export const NOTHING =
  'There is nothing in it that can be tried. Choose JPEG or PNG pictures, or one MP4 video.';

/** What is wrong with a choice before it is sent; empty when nothing is. */
export function wrongChoice(files: readonly { name: string; size: number }[], chosen: number): string {
  if (files.length === 0) {
    return chosen > 0 ? NOTHING : '';
  }
  const films = files.filter((file) => isFilm(file.name)).length;
  if (films > 0 && files.length > 1) {
    return 'A video can only be tried by itself. Choose one MP4 video, or pictures only.';
  }
  if (files.reduce((sum, file) => sum + file.size, 0) > 2 * 1024 ** 3) {
    return 'That is more than 2 GB. Choose fewer pictures, or cut the video.';
  }
  return '';
}

/** Whether the detection can be tried on a file. */
export const isTriable = (name: string): boolean => /\.(jpe?g|png|mp4)$/i.test(name);

export const isFilm = (name: string): boolean => /\.mp4$/i.test(name);

/** "1 min 12 s". */
export function lengthWords(seconds: number): string {
  const all = Math.round(seconds);
  const [h, min, s] = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
  if (h > 0) return `${h} h ${min} min`;
  return min > 0 ? `${min} min ${s} s` : `${s} s`;
}

/** When a rule first says so, seconds. */
export function firstTimes(
  points: readonly TryPoint[],
  rule: RuleName,
): { alert: number | null; pause: number | null } {
  const alert = points.find((point) => point[rule].verdict !== 'fine');
  const pause = points.find((point) => point[rule].verdict === 'pause');
  return { alert: alert?.seconds ?? null, pause: pause?.seconds ?? null };
}

/** What would have become of it, in a sentence or two. */
export function outcomeWords(points: readonly TryPoint[], rule: RuleName): string {
  const only = points[0];
  if (!only) return '';
  if (points.length === 1) {
    const sure = Math.round(only.score * 100);
    return only.boxes.length > 0
      ? `This picture looks like a failure: ${sure} % sure.`
      : `No failure is seen in this picture (${sure} %).`;
  }
  const { alert, pause } = firstTimes(points, rule);
  if (alert === null) {
    const length = points.at(-1)?.seconds ?? 0;
    const short = length < 60 ? ' The first minute of a print is never reported: try something longer.' : '';
    return `Nothing would have been reported.${short}`;
  }
  if (pause === null) return `This would have alerted after ${lengthWords(alert)}, and not paused.`;
  return pause === alert
    ? `This would have alerted and paused after ${lengthWords(pause)}.`
    : `This would have alerted after ${lengthWords(alert)} and paused after ${lengthWords(pause)}.`;
}

/** How far it is, and how much faster than real time it goes. */
export function progressWords(done: number, total: number, covered: number, tookSecs: number): string {
  const speed = tookSecs > 1 && covered > 0 ? covered / tookSecs : 0;
  const words =
    speed >= 1.5 ? `, ${speed >= 10 ? Math.round(speed) : speed.toFixed(1)} times real speed` : '';
  return `${done} of ${counted(total, 'picture')} analysed${words}`;
}
