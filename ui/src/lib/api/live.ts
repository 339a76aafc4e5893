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
  /**
   * The core does not know our token (`refused`), or did not answer for a while: it may have been started anew.
   */
  stale(refused: boolean): void;
}

/** The core says at least once a second that it lives; after so long without a word what is shown is old. */
export const SILENT_MS = 2_800;
/** After so long the connection itself is given up and made anew. */
const GIVE_UP_MS = 12_000;
/** With the above: said within three seconds. */
const CHECK_MS = 200;

/** After so many lost tries in a row the address itself is in doubt. */
const STALE = 4;

/** Keeps the live socket open, in order and complete. On a gap it asks for everything again. */
export class Live {
  #socket: Socket | null = null;
  #seq: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  #lost = 0;
  /** When the core was last heard, on a clock that no one sets. */
  #heard = 0;
  /** What the handlers were told last. */
  #up: boolean | null = null;
  #check: ReturnType<typeof setInterval> | undefined;
  readonly #backoff = new Backoff();

  constructor(
    private readonly http: Http,
    private readonly handlers: LiveHandlers,
    private readonly open: (url: string) => Socket = (url) => new WebSocket(url) as unknown as Socket,
  ) {}

  start(): void {
    this.#stopped = false;
    this.#seq = null;
    this.#heard = performance.now();
    this.#check ??= setInterval(() => this.#listen(), CHECK_MS);
    const socket = this.open(this.http.liveUrl());
    this.#socket = socket;
    socket.onopen = () => socket.send(this.http.hello());
    socket.onmessage = (event) => {
      if (socket === this.#socket && typeof event.data === 'string') this.#take(event.data);
    };
    socket.onclose = () => {
      if (socket === this.#socket && !this.#stopped) this.#again();
    };
  }

  /** This connection is over; another one is tried. */
  #again(): void {
    this.#socket = null;
    this.#tell(false);
    if (++this.#lost % STALE === 0) this.handlers.stale(false);
    this.#timer = setTimeout(() => this.start(), this.#backoff.next());
  }

  /** Silence is no proof that all is as it was. */
  #listen(): void {
    if (!this.#socket) return;
    const silent = performance.now() - this.#heard;
    if (silent > SILENT_MS && this.#up !== false) this.#tell(false);
    if (silent <= GIVE_UP_MS) return;
    const dead = this.#socket;
    this.#again();
    // A core that hangs does not answer a close either: nothing waits for it.
    dead.close();
  }

  #tell(up: boolean): void {
    this.#up = up;
    this.handlers.connected(up);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#check);
    this.#check = undefined;
    this.#socket?.close();
    this.#socket = null;
  }

  #take(text: string): void {
    const message = JSON.parse(text) as LiveMessage;
    this.#heard = performance.now();
    if (message.type === 'snapshot') {
      this.#seq = message.seq;
      this.#backoff.reset();
      this.#lost = 0;
      this.handlers.message(message);
      this.#tell(true);
      return;
    }
    if (message.type === 'refused') {
      this.handlers.stale(true);
      return;
    }
    // It is heard again on the same connection, and nothing was missed.
    if (this.#up === false && this.#seq !== null) this.#tell(true);
    if (message.type === 'alive') return;
    // All that there is each time: it needs no number.
    if (message.type === 'app_key_requests' || message.type === 'machines') {
      this.handlers.message(message);
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
