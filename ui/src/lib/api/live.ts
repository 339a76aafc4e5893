import { Backoff } from './backoff';
import type { Http } from './http';
import type { LiveMessage } from './types';

/** What the live socket needs of a WebSocket; tests bring their own. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface LiveHandlers {
  message(message: LiveMessage): void;
  /** `true`: connected and up to date. `false`: what is shown is old. */
  connected(yes: boolean): void;
  /** The core does not know our token, or did not answer for a while: it may have been started anew. */
  stale(): void;
}

/** After so many lost tries in a row the address itself is in doubt. */
const STALE = 4;

/** Keeps the live socket open, in order and complete. On a gap it asks for everything again. */
export class Live {
  #socket: Socket | null = null;
  #seq: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  #lost = 0;
  readonly #backoff = new Backoff();

  constructor(
    private readonly http: Http,
    private readonly handlers: LiveHandlers,
    private readonly open: (url: string) => Socket = (url) => new WebSocket(url) as unknown as Socket,
  ) {}

  start(): void {
    this.#stopped = false;
    this.#seq = null;
    const socket = this.open(this.http.liveUrl());
    this.#socket = socket;
    socket.onopen = () => socket.send(this.http.hello());
    socket.onmessage = (event) => {
      if (socket === this.#socket && typeof event.data === 'string') this.#take(event.data);
    };
    socket.onclose = () => {
      if (socket !== this.#socket || this.#stopped) return;
      this.handlers.connected(false);
      if (++this.#lost % STALE === 0) this.handlers.stale();
      this.#timer = setTimeout(() => this.start(), this.#backoff.next());
    };
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = null;
  }

  #take(text: string): void {
    const message = JSON.parse(text) as LiveMessage;
    if (message.type === 'snapshot') {
      this.#seq = message.seq;
      this.#backoff.reset();
      this.#lost = 0;
      this.handlers.message(message);
      this.handlers.connected(true);
      return;
    }
    if (message.type === 'refused') {
      this.handlers.stale();
      return;
    }
    // Before the snapshot, or while one is asked for, changes are part of what comes.
    if (this.#seq === null) return;
    if (message.seq !== this.#seq + 1) {
      this.#seq = null;
      this.#socket?.send('{"type":"again"}');
      return;
    }
    this.#seq = message.seq;
    this.handlers.message(message);
  }
}
