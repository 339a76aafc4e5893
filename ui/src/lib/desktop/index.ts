// The only place that knows of the desktop shell. In a browser everything here falls back.
import { invoke, isTauri } from '@tauri-apps/api/core';
import { save } from '@tauri-apps/plugin-dialog';
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
 * Saves what lies at `url` (ticket included) where the person says.
 * Returns `false` when they changed their mind.
 */
export async function saveAs(url: string, name: string): Promise<boolean> {
  if (!isTauri()) {
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    return true;
  }
  const extension = name.split('.').pop() ?? '';
  const path = await save({
    defaultPath: name,
    filters: [{ name: extension.toUpperCase(), extensions: [extension] }],
  });
  if (path === null) return false;
  // The shell fetches and writes: a film does not pass through the page.
  await invoke('save_media', { url, path });
  return true;
}
