/** Files and folders looked at: a home folder dropped by mistake must not hang the page. */
export const MOST_ENTRIES = 5000;

/**
 * What was dropped: files, and the files of folders, however deep, but no hidden ones. To be called in the very
 * handler of the drop: after its end the browser takes what was dropped away. Of a folder, only what `fits` by its
 * name is taken; a file dropped by itself is taken whatever it is, so that it can be said what is wrong with it.
 */
export async function dropped(
  transfer: DataTransfer | null,
  fits: (name: string) => boolean,
): Promise<File[]> {
  const items = [...(transfer?.items ?? [])].filter((item) => item.kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry());
  // A browser without folders to read in gives plain files.
  if (!entries.some((entry) => entry?.isDirectory)) return [...(transfer?.files ?? [])];
  const walk = { left: MOST_ENTRIES, found: [] as File[] };
  for (const entry of entries) if (entry) await gather(entry, walk, entry.isFile ? () => true : fits);
  return walk.found;
}

async function gather(
  entry: FileSystemEntry,
  walk: { left: number; found: File[] },
  fits: (name: string) => boolean,
): Promise<void> {
  if (walk.left-- <= 0 || entry.name.startsWith('.')) return;
  if (entry.isFile) {
    const file = fits(entry.name) && (await fileOf(entry as FileSystemFileEntry));
    if (file) walk.found.push(file);
    return;
  }
  const within = await contentOf(entry as FileSystemDirectoryEntry);
  const order = new Intl.Collator('en', { numeric: true });
  within.sort((a, b) => order.compare(a.name, b.name));
  for (const one of within) await gather(one, walk, fits);
}

/** One that cannot be read (gone, or not ours) is left out, as it would be in a file chooser. */
function fileOf(entry: FileSystemFileEntry): Promise<File | null> {
  return new Promise((done) => entry.file(done, () => done(null)));
}

async function contentOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  // Browsers hand out a hundred at a time, until none is left.
  while (all.length < MOST_ENTRIES) {
    const some = await new Promise<FileSystemEntry[]>((done) => reader.readEntries(done, () => done([])));
    if (some.length === 0) break;
    all.push(...some);
  }
  return all;
}
