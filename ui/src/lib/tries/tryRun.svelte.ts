import { ApiError, say } from '$lib/api/errors';
import type { Client } from '$lib/api/client';
import { beginTry, dropTry, showTry, type TryPoint, type TryView } from '$lib/api/tries';

const POLL_MS = 400;

/** One trial of the detection: sent, looked at picture by picture, shown as it comes. */
export class TryRun {
  view = $state.raw<Omit<TryView, 'points'> | null>(null);
  points = $state.raw<readonly TryPoint[]>([]);
  /** How much is sent, 0 to 1; null when nothing is being sent. */
  sent = $state<number | null>(null);
  fault = $state('');
  tookSecs = $state(0);
  #turn = 0;

  constructor(private readonly client: Client) {}

  get running(): boolean {
    return this.sent !== null || this.view?.state === 'running';
  }

  async start(files: readonly File[], every: number): Promise<void> {
    this.drop();
    const turn = this.#turn;
    this.sent = 0;
    try {
      const view = await beginTry(this.client, files, every, (part) => {
        if (turn === this.#turn) this.sent = part;
      });
      const began = Date.now();
      if (turn !== this.#turn) {
        await dropTry(this.client, view.id);
        return;
      }
      this.sent = null;
      this.#take(view);
      while (turn === this.#turn && this.view?.state === 'running') {
        await new Promise((done) => setTimeout(done, POLL_MS));
        if (turn !== this.#turn) return;
        const next = await showTry(this.client, view.id, this.points.length);
        if (turn !== this.#turn) return;
        this.tookSecs = (Date.now() - began) / 1000;
        this.#take(next);
      }
    } catch (error) {
      if (turn !== this.#turn) return;
      this.sent = null;
      if (this.view) this.view = { ...this.view, state: 'failed' };
      this.fault = error instanceof ApiError ? `${sentence(error.message)} ${error.hint}` : say(error);
    }
  }

  #take(view: TryView): void {
    const { points, ...rest } = view;
    if (points.length) this.points = [...this.points, ...points];
    this.view = rest;
    this.fault = view.fault ?? '';
  }

  /** Cancels what is under way and forgets what came out. */
  drop(): void {
    this.#turn++;
    const id = this.view?.id;
    // The core keeps its pictures until then; if it does not answer, its next start removes them.
    if (id !== undefined) dropTry(this.client, id).catch(() => undefined);
    this.view = null;
    this.points = [];
    this.sent = null;
    this.fault = '';
    this.tookSecs = 0;
  }
}

function sentence(text: string): string {
  // The name of a file stays as it is.
  const named = /^[^ ]*\./.test(text);
  const first = named ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
