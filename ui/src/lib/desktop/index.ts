// The only place that knows of the desktop shell. In a browser everything here falls back.
import { invoke, isTauri } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWindow } from '@tauri-apps/api/window';
import { deviceName, pair, type Proof } from '$lib/api/network';
import type { Connection } from '$lib/api/types';

/** The token of this visit: the window's own, or that of a link. */
const KEPT = 'printvigil.token';
/** The token of a paired device, which is to come in again tomorrow. */
const DEVICE = 'printvigil.device';

export const inDesktop = (): boolean => isTauri();

/** The core ended out of order: it is started again when a person wants it. */
export class Fallen extends Error {}

/** The page was opened without a key: on the network a device can be paired. */
export class NoKey extends Error {}

/** What the window answers when there is no core, as an error that can be told apart. */
function noCore(answer: unknown): Error {
  const part = (key: string): unknown =>
    typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>)[key] : undefined;
  const told = part('message');
  const message = typeof told === 'string' ? told : String(answer);
  return part('code') === 'fallen' ? new Fallen(message) : new Error(message);
}

/** Starts the core again after it has fallen. */
export async function startAgain(): Promise<Connection> {
  if (!isTauri()) return connect();
  return invoke<Connection>('start_again').catch((answer: unknown) => {
    throw noCore(answer);
  });
}

/**
 * Where the core is. In a browser the page comes from the core and brings the token in its address, or a code by which
 * this device is paired; what was paired before has kept its own.
 */
export async function connect(): Promise<Connection> {
  if (isTauri()) {
    return invoke<Connection>('connect').catch((answer: unknown) => {
      throw noCore(answer);
    });
  }
  const [code, link] = [fromHash(location.hash, 'pair'), tokenOf(location.hash)];
  // Neither shall stay in the address, nor in what the browser remembers of it.
  if (code !== null || link !== null) {
    history.replaceState(null, '', `${location.pathname}${location.search}`);
  }
  if (code !== null) return pairThis({ token: code });
  if (link !== null) sessionStorage.setItem(KEPT, link);
  const token = link ?? sessionStorage.getItem(KEPT) ?? localStorage.getItem(DEVICE);
  if (!token) {
    throw new NoKey('This page was opened without its key. Open it from Printvigil, with the whole address.');
  }
  return { base_url: location.origin, token, remote: isRemote() };
}

/** Reads `#token=…`. */
export const tokenOf = (hash: string): string | null => fromHash(hash, 'token');

function fromHash(hash: string, name: 'pair' | 'token'): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get(name);
}

/** Has this device let in, and keeps its token. */
export async function pairThis(proof: Proof): Promise<Connection> {
  const { token } = await pair(location.origin, proof, deviceName(navigator.userAgent));
  sessionStorage.removeItem(KEPT);
  localStorage.setItem(DEVICE, token);
  return { base_url: location.origin, token, remote: true };
}

/** Forgets a token that opens nothing any more. */
export function forgetDevice(): void {
  sessionStorage.removeItem(KEPT);
  localStorage.removeItem(DEVICE);
}

/** Another device than the one with the printer: where a code can be typed. */
export function isRemote(): boolean {
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);
  return !isTauri() && (!here || localStorage.getItem(DEVICE) !== null);
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

/**
 * Hands over the files that the window is opened with, now and later; what cannot be read goes to `fail`, with its name.
 * Returns how to stop.
 */
export function onOpened(take: (files: File[]) => void, fail: (text: string) => void): () => void {
  if (!isTauri()) return () => undefined;
  const ask = async (): Promise<void> => {
    const files: File[] = [];
    for (const { id, name } of await invoke<{ id: number; name: string }[]>('take_opened')) {
      try {
        files.push(new File([await invoke<ArrayBuffer>('read_opened', { id })], name));
      } catch (error) {
        fail(`${name} cannot be opened. ${String(error)}`);
      }
    }
    if (files.length > 0) take(files);
  };
  const heard = listen('opened', () => void ask());
  void ask();
  return () => void heard.then((stop) => stop());
}
