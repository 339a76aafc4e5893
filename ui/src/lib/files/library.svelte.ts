import { say } from '$lib/api/errors';
import type { FileSorting } from '$lib/api/types';
import type { FileView } from '$lib/bindings/FileView';
import type { FolderView } from '$lib/bindings/FolderView';
import type { App } from '$lib/state/app.svelte';
import type { Job } from '$lib/state/job.svelte';

const PAGE = 60;

/** The library as it is shown: one folder, or what a search found. */
export class Library {
  files = $state.raw<FileView[] | null>(null);
  folders = $state.raw<FolderView[]>([]);
  count = $state(0);
  totals = $state.raw<{ files: number; bytes: number } | null>(null);
  query = $state('');
  sorting = $state<FileSorting>('created_at_desc');
  fault = $state('');
  chosen = $state<number | null>(null);
  #asked = 0;
  #pages = 1;

  /** Folders that are shown: those in this folder, or those that the search found. */
  readonly shownFolders = $derived.by(() =>
    this.query
      ? this.folders.filter((f) => f.name.toLowerCase().includes(this.query.toLowerCase()))
      : this.folders.filter((f) => f.parent_folder === this.job.folder),
  );
  /** From the top to the folder that is shown. */
  readonly path = $derived.by(() => pathTo(this.folders, this.job.folder));
  readonly file = $derived.by(() => this.files?.find((f) => f.id === this.chosen) ?? null);
  readonly more = $derived.by(() => (this.files?.length ?? 0) < this.count);

  constructor(
    private readonly app: App,
    readonly job: Job,
  ) {}

  async load(): Promise<void> {
    const asked = ++this.#asked;
    const query = {
      ...(this.query ? { q: this.query } : { parent_folder: String(this.job.folder ?? 'root') }),
      sorting: this.sorting,
      page_size: PAGE * this.#pages,
    };
    try {
      const [page, folders, totals] = await Promise.all([
        this.app.client.files(query),
        this.app.client.folders(),
        this.app.client.fileTotals(),
      ]);
      if (asked !== this.#asked) return;
      this.files = page.results;
      this.count = page.count;
      this.folders = folders.results;
      this.totals = totals;
      this.fault = '';
    } catch (error) {
      if (asked === this.#asked) this.fault = say(error);
    }
  }

  loadMore(): void {
    this.#pages++;
    this.job.changed++;
  }

  open(folder: number | null): void {
    this.job.folder = folder;
    this.#pages = 1;
  }

  rename(file: FileView, filename: string): Promise<boolean> {
    return this.#do(this.app.client.changeFile(file.id, { filename }));
  }

  move(files: number[], folder: number | null): Promise<boolean> {
    return this.#do(this.app.client.moveFiles(files, folder));
  }

  /** Deletes a file; for an hour it can be brought back. */
  async remove(file: FileView): Promise<void> {
    if (!(await this.#do(this.app.client.removeFiles([file.id])))) return;
    if (this.job.file?.id === file.id) this.job.choose(null);
    if (this.chosen === file.id) this.chosen = null;
    this.app.toasts.undo(`${file.filename} is deleted.`, () => {
      void this.#do(this.app.client.restoreFiles([file.id]));
    });
  }

  addFolder(name: string): Promise<boolean> {
    return this.#do(this.app.client.addFolder(name, this.job.folder));
  }

  renameFolder(folder: FolderView, name: string): Promise<boolean> {
    return this.#do(this.app.client.changeFolder(folder.id, { name }));
  }

  moveFolder(folder: number, parent_folder: number | null): Promise<boolean> {
    return this.#do(this.app.client.changeFolder(folder, { parent_folder }));
  }

  removeFolder(folder: FolderView): Promise<boolean> {
    return this.#do(this.app.client.removeFolder(folder.id));
  }

  async #do(what: Promise<unknown>): Promise<boolean> {
    const done = await this.app.attempt(what.then(() => true));
    this.job.changed++;
    return done === true;
  }
}

/** The folders from the top down to `id`. A loop, which cannot be, ends it. */
export function pathTo(folders: readonly FolderView[], id: number | null): FolderView[] {
  const path: FolderView[] = [];
  let at = folders.find((f) => f.id === id);
  while (at && !path.includes(at)) {
    path.unshift(at);
    const parent = at.parent_folder;
    at = folders.find((f) => f.id === parent);
  }
  return path;
}

/** Folders that `folder` may be put into: not itself, and none below it. */
export function targets(folders: readonly FolderView[], folder: number | null): FolderView[] {
  if (folder === null) return [...folders];
  return folders.filter((f) => !pathTo(folders, f.id).some((up) => up.id === folder));
}

/** What waits for a person's word. */
export type Asked =
  | { kind: 'folder' }
  | { kind: 'rename'; file: FileView }
  | { kind: 'rename_folder'; folder: FolderView }
  | { kind: 'delete_folder'; folder: FolderView };

export const SORTINGS: readonly { value: FileSorting; text: string }[] = [
  { value: 'created_at_desc', text: 'Newest first' },
  { value: 'created_at_asc', text: 'Oldest first' },
  { value: 'filename_asc', text: 'Name, A to Z' },
  { value: 'filename_desc', text: 'Name, Z to A' },
  { value: 'num_bytes_desc', text: 'Largest first' },
  { value: 'num_bytes_asc', text: 'Smallest first' },
];

const KIND = 'application/x-printvigil';

/** What is dragged within the page. */
export interface Dragged {
  kind: 'file' | 'folder';
  id: number;
}

export function drag(event: DragEvent, what: Dragged): void {
  event.dataTransfer?.setData(KIND, JSON.stringify(what));
}

export function isDrag(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes(KIND) ?? false;
}

export function dragged(event: DragEvent): Dragged | null {
  const text = event.dataTransfer?.getData(KIND);
  return text ? (JSON.parse(text) as Dragged) : null;
}
