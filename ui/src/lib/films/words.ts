import type { FilmJob, FilmOptions } from '$lib/api/films';
import type { DotState } from '$lib/bindings/DotState';

export const PICKS: readonly { value: FilmOptions['pick']; text: string; hint: string }[] = [
  {
    value: 'seconds',
    text: 'By time',
    hint: 'One picture every so many seconds: shows the print as it went.',
  },
  { value: 'layer', text: 'By layer', hint: 'One picture a layer: the part grows evenly, pauses vanish.' },
  {
    value: 'steady',
    text: 'Steady',
    hint: 'One picture a layer, in which the head is out of the way as far as there is one.',
  },
];
export const SIDES = [
  { value: 640, text: '640' },
  { value: 1280, text: '1280' },
  { value: 1920, text: '1920' },
] as const;
export const QUALITIES: readonly { value: FilmOptions['quality']; text: string }[] = [
  { value: 'small', text: 'Small file' },
  { value: 'normal', text: 'Normal' },
  { value: 'fine', text: 'Fine' },
];

/** Whether a file is called as films are. */
export const isFilm = (name: string): boolean => /\.(mp4|m4v|mov)$/i.test(name);

/** Whether something is still being done. */
export const underWay = (job: Pick<FilmJob, 'state'>): boolean =>
  job.state === 'waiting' || job.state === 'making' || job.state === 'analysing';

/** What became of a film, in one sentence. */
export function filmWords(job: Pick<FilmJob, 'state' | 'why' | 'position_in_queue'>): {
  text: string;
  mark: DotState;
} {
  const why = job.why ? ` ${job.why}` : '';
  switch (job.state) {
    case null:
      return { text: `No timelapse was made.${why}`, mark: 'unknown' };
    case 'waiting': {
      const ahead = job.position_in_queue ?? 0;
      return { text: ahead > 0 ? `Waiting: ${ahead} before it.` : 'Waiting its turn.', mark: 'unknown' };
    }
    case 'making':
      return { text: 'The timelapse is being made.', mark: 'unknown' };
    case 'analysing':
      return { text: 'The video is being analysed, picture by picture.', mark: 'unknown' };
    case 'made':
      return { text: 'The timelapse is made.', mark: 'ok' };
    case 'too_short':
      return { text: `No timelapse: the print was too short.${why}`, mark: 'unknown' };
    case 'cancelled':
      return { text: `The timelapse was cancelled.${why}`, mark: 'unknown' };
    case 'failed':
      return { text: `The timelapse could not be made.${why}`, mark: 'attention' };
  }
}
