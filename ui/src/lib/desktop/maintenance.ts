// What is done while no core runs: another version put in place, a backup brought back. The shell asks for the file.
import { invoke } from '@tauri-apps/api/core';

/** A package that may be installed. */
export interface Offer {
  version: string;
  installed: string;
  num_bytes: number;
  /** Signed with a key for development: no release. */
  development: boolean;
  how: string;
}

/** What became of it. Where it was installed, the window starts again as the new version. */
export interface Installed {
  version: string;
  /** What a person has to type, where the system did not install it from here. */
  by_hand?: string;
  why?: string;
}

/** What a backup holds. */
export interface Peek {
  app_version: string;
  files: number;
  bytes: number;
  with_pictures: boolean;
  history: {
    printers: number;
    prints: number;
    files: number;
    first_print: string | null;
    last_print: string | null;
  };
}

/** What was restored, and where that is which was there before. */
export interface Restored {
  files: number;
  bytes: number;
  aside: string | null;
}

/** The shell says in words why something is not done. */
async function ask<T>(what: string): Promise<T> {
  try {
    return await invoke<T>(what);
  } catch (error) {
    throw error instanceof Error ? error : new Error(String(error));
  }
}

/** `null` when the person changed their mind. */
export const chooseUpdate = (): Promise<Offer | null> => ask('choose_update');
export const installUpdate = (): Promise<Installed> => ask('install_update');
/** `null` when the person changed their mind. */
export const chooseBackup = (): Promise<Peek | null> => ask('choose_backup');
export const restoreBackup = (): Promise<Restored> => ask('restore_backup');
