// The only place that knows of the desktop shell. In a browser everything here falls back.
import { invoke, isTauri } from '@tauri-apps/api/core';
import { getCurrentWindow } from '@tauri-apps/api/window';
import type { Connection } from '$lib/api/types';

const KEPT = 'printvigil.token';

export const inDesktop = (): boolean => isTauri();

/** Where the core is. In a browser the page comes from the core and brings the token in its address. */
export async function connect(): Promise<Connection> {
  if (isTauri()) return invoke<Connection>('connect');
  const given = tokenOf(location.hash);
  if (given) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, '', `${location.pathname}${location.search}`);
  }
  const token = given ?? sessionStorage.getItem(KEPT);
  if (!token) {
    throw new Error('This page was opened without its key. Open it from Printvigil, with the whole address.');
  }
  return { base_url: location.origin, token };
}

/** Reads `#token=…`. */
export function tokenOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token');
}

/**
 * Saves the film at `url` (ticket included) where the person says.
 * Returns `false` when they changed their mind.
 */
export async function saveFilm(url: string, name: string): Promise<boolean> {
  // The shell asks where to, fetches and writes: a film does not pass through the page.
  if (isTauri()) return invoke<boolean>('save_film', { url, name });
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  return true;
}

/** Tells the person outside the window. A browser page has only its own corner for that. */
export async function notify(title: string, text: string): Promise<void> {
  if (isTauri()) await invoke('notify', { title, text });
}

/** The title of the window, for the task bar. */
export async function setTitle(title: string): Promise<void> {
  document.title = title;
  if (isTauri()) await getCurrentWindow().setTitle(title);
}
