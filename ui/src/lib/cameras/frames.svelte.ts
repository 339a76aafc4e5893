import type { Client } from '$lib/api/client';
import { ApiError, refusal } from '$lib/api/errors';
import { API } from '$lib/api/http';

/** A core waits ten seconds for a newer frame; longer than that it hangs. */
const PATIENCE_MS = 15_000;

/** How many pictures are asked for at a quicker pace at first. */
const SOON = 2;

/**
 * The live picture of one camera: asks for the next frame, shows it, asks again.
 * At most one request is under way. A ticket in the address and no header keeps it a simple request,
 * which needs no second one before it.
 */
export class Frames {
  url = $state<string | null>(null);
  /** Why there is no picture, in the core's words. */
  reason = $state<string | null>(null);
  size = $state<[number, number] | null>(null);
  /** Milliseconds since the newest frame came; `null` while nothing says how old the shown one is. */
  age = $state<number | null>(null);
  #after = 0;
  /** When the newest frame came, on a clock that nobody sets. */
  #came: number | null = null;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #stopped = true;
  #asked = 0;
  #abort: AbortController | null = null;

  constructor(
    private readonly client: Client,
    readonly camera: number,
    /** Rest between two pictures, ms; 0 asks for each as it comes. */
    private readonly every_ms = 0,
  ) {}

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#ticking = setInterval(() => this.#grow(), 500);
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#ticking);
    this.#abort?.abort();
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = null;
  }

  #grow(): void {
    this.age = this.#came === null ? null : performance.now() - this.#came;
  }

  async #run(): Promise<void> {
    const path = `${API}/vigil/cameras/${this.camera}/frame.jpg`;
    while (!this.#stopped) {
      let rest = 0;
      try {
        rest = await this.#one(path);
      } catch (error) {
        if (this.#stopped) return;
        this.reason =
          error instanceof ApiError ? error.full : 'Printvigil’s background service does not answer.';
        rest = 1500;
      }
      // How old the first one is shows when the next one comes: it is asked for soon.
      const soon = this.#asked++ < SOON;
      rest = Math.max(rest, soon ? Math.min(this.every_ms, 1000) : this.every_ms);
      if (document.hidden) rest = Math.max(rest, 1000);
      if (rest) await new Promise((done) => setTimeout(done, rest));
    }
  }

  /** Gets one frame. Returns how long to rest before the next, in ms. */
  async #one(path: string): Promise<number> {
    const ticket = await this.client.tickets.take(path);
    this.#abort = new AbortController();
    const known = this.#after;
    // At a pace of its own it takes what is there, and keeps no connection waiting.
    const before = this.every_ms > 0 ? 0 : known;
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const answer = await this.client.http.picture(path, { after: before, ticket }, signal);
    if (answer.status === 204) return 50;
    if (answer.status === 401 || answer.status === 403) {
      this.client.tickets.drop(path);
      return 500;
    }
    if (!answer.ok) throw refusal(answer.status, await answer.json().catch(() => null));
    const id = Number(answer.headers.get('X-Frame-Id'));
    await this.#show(await answer.blob());
    // The first one may have lain there for long; one that came after it is new.
    if (known > 0 && id !== known) this.#came = performance.now();
    this.#grow();
    if (Number.isFinite(id) && id > 0) {
      this.#after = id;
      return 0;
    }
    return 200;
  }

  /** Decodes before it swaps, so that the picture never flickers. */
  async #show(blob: Blob): Promise<void> {
    const url = URL.createObjectURL(blob);
    const image = new Image();
    image.src = url;
    await image.decode();
    const old = this.url;
    if (this.#stopped) {
      URL.revokeObjectURL(url);
      return;
    }
    this.size = [image.naturalWidth, image.naturalHeight];
    this.url = url;
    this.reason = null;
    if (old) setTimeout(() => URL.revokeObjectURL(old), 300);
  }
}
