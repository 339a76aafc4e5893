import type { Client } from '$lib/api/client';

/** Pictures held at most, some 20 MB. */
const MOST = 160;

/** Kept pictures on their way to the screen: fetched once, a few ahead, the oldest let go. */
export class Pictures {
  readonly #held = new Map<string, Promise<string>>();
  #closed = false;

  constructor(private readonly client: Pick<Client, 'http'>) {}

  /** An address to show a picture by. */
  take(path: string): Promise<string> {
    const held = this.#held.get(path);
    if (held) {
      // Used again: it goes last.
      this.#held.delete(path);
      this.#held.set(path, held);
      return held;
    }
    const asked = this.client.http.blob(path).then((blob) => URL.createObjectURL(blob));
    this.#held.set(path, asked);
    asked.catch(() => this.#held.delete(path));
    for (const [old] of this.#held) {
      if (this.#held.size <= MOST) break;
      this.#drop(old);
    }
    if (this.#closed) this.close();
    return asked;
  }

  close(): void {
    this.#closed = true;
    for (const path of [...this.#held.keys()]) this.#drop(path);
  }

  #drop(path: string): void {
    const held = this.#held.get(path);
    this.#held.delete(path);
    held?.then(
      (url) => URL.revokeObjectURL(url),
      () => undefined,
    );
  }
}
