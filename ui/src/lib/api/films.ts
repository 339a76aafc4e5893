import type { FilmView } from '$lib/bindings/FilmView';
import type { TimelapseOptions } from '$lib/bindings/TimelapseOptions';
import type { Client } from './client';

export type FilmOptions = TimelapseOptions;
export type FilmJob = FilmView;

export const filmOptions = (client: Client) => client.http.get<FilmOptions>('vigil/timelapse/');
export const setFilmOptions = (client: Client, options: FilmOptions) =>
  client.http.send('PUT', 'vigil/timelapse/', options) as Promise<FilmOptions>;
export const filmJob = (client: Client, print: number) =>
  client.http.get<FilmJob>(`vigil/prints/${print}/film/`);
/** Sends a film of a print. `secs`: seconds of the print from picture to picture; 0 when it runs as fast as life. */
export const importFilm = (client: Client, film: File, secs: number, onprogress: (part: number) => void) => {
  const form = new FormData();
  form.set('secs_per_picture', String(secs));
  form.set('file', film, film.name);
  return client.http.upload<{ print: number }>('vigil/prints/import/', form, onprogress);
};
export const askFilm = (client: Client, print: number, options?: FilmOptions) =>
  client.http.post<unknown>(`vigil/prints/${print}/film/`, options);
export const cancelFilm = (client: Client, print: number) =>
  client.http.remove(`vigil/prints/${print}/film/`);
