// What happens without the window; only the desktop shell can do it.
import { invoke, isTauri } from '@tauri-apps/api/core';

/** What happens without the window. */
export interface Background {
  /** The desktop shows the icon in its tray just now. */
  tray: boolean;
  keep_watching: boolean;
  autostart: boolean;
  /** Why it cannot start with this computer; empty when it can. */
  autostart_missing: string;
}

/** What is chosen; `null` in a browser, where nothing of it can be. */
export async function background(): Promise<Background | null> {
  return isTauri() ? invoke<Background>('background') : null;
}

export async function setBackground(change: {
  keepWatching?: boolean;
  autostart?: boolean;
}): Promise<Background> {
  try {
    return await invoke<Background>('set_background', change);
  } catch (error) {
    throw error instanceof Error ? error : new Error(String(error));
  }
}
