import { say } from '$lib/api/errors';
import type { FileView } from '$lib/bindings/FileView';
import type { App } from './app.svelte';

export interface Upload {
  id: number;
  name: string;
  /** 0 to 1. */
  part: number;
  state: 'waiting' | 'sending' | 'reading' | 'done' | 'failed' | 'left';
  /** What went wrong, or what is worth knowing. */
  text: string;
}

/** What to do with a file whose name is taken. */
export type SameName = 'replace' | 'keep_both' | 'skip';

export interface NameTaken {
  name: string;
  more: number;
  answer: (choice: SameName, forAll: boolean) => void;
}

const ENDINGS = /\.(gcode|gco|g|bgcode|3mf|ufp)$/i;

/** Whether a file is one to print, going by its name. */
export const isPrintable = (name: string): boolean => ENDINGS.test(name);

/** Files on their way into the library, one after the other. */
export class Uploads {
  list = $state.raw<Upload[]>([]);
  /** A question that waits for the person. */
  asking = $state.raw<NameTaken | null>(null);
  #next = 1;
  #running: Promise<unknown> = Promise.resolve();
  readonly busy = $derived(
    this.list.find((u) => u.state === 'sending' || u.state === 'reading')?.name ?? null,
  );

  constructor(
    private readonly app: Pick<App, 'client'>,
    private readonly onadded: (file: FileView) => void,
  ) {}

  /** Adds files to a folder. Returns those that are in the library then. */
  add(files: readonly File[], folder: number | null): Promise<FileView[]> {
    const queued = files.map((file) => ({ file, id: this.#push(file) }));
    const all = this.#running.then(() => this.#each(queued, folder));
    this.#running = all;
    return all;
  }

  /** Forgets what is over. */
  clear(): void {
    this.list = this.list.filter((u) => ['waiting', 'sending', 'reading'].includes(u.state));
  }

  async #each(queued: { file: File; id: number }[], folder: number | null): Promise<FileView[]> {
    const added: FileView[] = [];
    let forAll: SameName | null = null;
    for (const [at, { file, id }] of queued.entries()) {
      if (!ENDINGS.test(file.name)) {
        const text = 'This is no G-code. Slice your model first, then add the .gcode file.';
        this.#set(id, { state: 'failed', text });
        continue;
      }
      try {
        let choice: SameName = 'keep_both';
        if (await this.#taken(file.name, folder)) {
          const answer: { choice: SameName; forAll: boolean } = forAll
            ? { choice: forAll, forAll: false }
            : await this.#ask(file.name, queued.length - at - 1);
          choice = answer.choice;
          if (answer.forAll) forAll = choice;
        }
        if (choice === 'skip') {
          this.#set(id, { state: 'left', text: 'Left out: the name is taken.' });
          continue;
        }
        added.push(await this.#send(id, file, folder, choice === 'replace'));
      } catch (error) {
        this.#set(id, { state: 'failed', text: say(error) });
      }
    }
    return added;
  }

  async #send(id: number, file: File, folder: number | null, replace: boolean): Promise<FileView> {
    this.#set(id, { state: 'sending' });
    const added = await this.app.client.upload(file, { folder, replace }, (part) =>
      this.#set(id, { part, state: part >= 1 ? 'reading' : 'sending' }),
    );
    const twin = added.vigil.same_as;
    const text = twin ? `Same content as ${twin}.` : '';
    this.#set(id, { part: 1, state: 'done', text });
    this.onadded(added);
    return added;
  }

  async #taken(name: string, folder: number | null): Promise<boolean> {
    const found = await this.app.client.files({
      filename: name,
      parent_folder: folder === null ? 'root' : String(folder),
    });
    return found.count > 0;
  }

  #ask(name: string, more: number): Promise<{ choice: SameName; forAll: boolean }> {
    return new Promise((resolve) => {
      this.asking = {
        name,
        more,
        answer: (choice, forAll) => {
          this.asking = null;
          resolve({ choice, forAll });
        },
      };
    });
  }

  #push(file: File): number {
    const id = this.#next++;
    this.list = [...this.list, { id, name: file.name, part: 0, state: 'waiting', text: '' }];
    return id;
  }

  #set(id: number, change: Partial<Upload>): void {
    this.list = this.list.map((u) => (u.id === id ? { ...u, ...change } : u));
  }
}
