import type { Client } from './client';
import type { FilmState } from './past';

/** How a film is made of the kept pictures. */
export interface FilmOptions {
  pick: 'seconds' | 'layer' | 'steady';
  every_secs: number;
  fps: number;
  max_side_px: number;
  quality: 'small' | 'normal' | 'fine';
  end_hold_secs: number;
  deflicker: boolean;
  tagged: boolean;
}

/** How far the film of a print is. */
export interface FilmJob {
  state: FilmState | null;
  /** 0 to 1. */
  progress: number | null;
  why: string | null;
  options: FilmOptions | null;
  frames: number;
  position_in_queue: number | null;
}

export const filmOptions = (client: Client) => client.http.get<FilmOptions>('vigil/timelapse/');
export const setFilmOptions = (client: Client, options: FilmOptions) =>
  client.http.send('PUT', 'vigil/timelapse/', options) as Promise<FilmOptions>;
export const filmJob = (client: Client, print: number) =>
  client.http.get<FilmJob>(`vigil/prints/${print}/film/`);
export const askFilm = (client: Client, print: number, options?: FilmOptions) =>
  client.http.post<unknown>(`vigil/prints/${print}/film/`, options);
export const cancelFilm = (client: Client, print: number) =>
  client.http.remove(`vigil/prints/${print}/film/`);
export const importFilm = (client: Client, file: File, onprogress: (part: number) => void) => {
  const form = new FormData();
  form.set('file', file, file.name);
  return client.http.upload<{ print: number }>('vigil/prints/import/', form, onprogress);
};
