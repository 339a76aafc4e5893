import type { PrinterView } from '$lib/bindings/PrinterView';
import type { SdCard } from '$lib/bindings/SdCard';
import type { SdFile } from '$lib/bindings/SdFile';

export interface CardFolder {
  path: string;
  name: string;
  count: number;
}

/** The printer's card; `null` when it has no reader, or nobody knows of one. */
export function cardOf(printer: PrinterView | null): SdCard | null {
  return printer?.vigil.sd ?? null;
}

const parts = (path: string): string[] => path.split('/').filter(Boolean);

/** What lies in one folder of the card (`''` is the top), or all that a search finds. */
export function shownOn(
  files: readonly SdFile[],
  folder: string,
  query: string,
): { folders: CardFolder[]; files: SdFile[] } {
  const wanted = query.trim().toLowerCase();
  if (wanted) {
    const found = files.filter((f) => `${f.name} ${f.path}`.toLowerCase().includes(wanted));
    return { folders: [], files: byName(found) };
  }
  const inside = parts(folder);
  const folders = new Map<string, CardFolder>();
  const here: SdFile[] = [];
  for (const file of files) {
    const way = parts(file.path);
    if (way.length <= inside.length || !inside.every((part, at) => part === way[at])) continue;
    if (way.length === inside.length + 1) {
      here.push(file);
      continue;
    }
    const name = way[inside.length] ?? '';
    const path = [...inside, name].join('/');
    const known = folders.get(path) ?? { path, name, count: 0 };
    folders.set(path, { ...known, count: known.count + 1 });
  }
  return { folders: byName([...folders.values()]), files: byName(here) };
}

/** The folders from the top down to `folder`, each with its own path. */
export function wayTo(folder: string): { path: string; name: string }[] {
  const way = parts(folder);
  return way.map((name, at) => ({ name, path: way.slice(0, at + 1).join('/') }));
}

/** The name without the folders before it. */
export function shortName(file: SdFile): string {
  return parts(file.name).at(-1) ?? file.name;
}

/** `2026-11-22 14:05`; empty when the printer tells none. */
export function writtenWord(file: SdFile): string {
  return (file.written ?? '').replace('T', ' ');
}

function byName<T extends { name: string }>(list: T[]): T[] {
  return list.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}
