import type { Http } from './http';
import type { Ticket } from './types';

interface Held {
  ticket: string;
  until: number;
}

/** Read-only tickets for media paths, renewed well before they run out. */
export class Tickets {
  readonly #held = new Map<string, Held>();
  readonly #asked = new Map<string, Promise<string>>();

  constructor(
    private readonly http: Http,
    private readonly now: () => number = () => Date.now(),
  ) {}

  async take(path: string): Promise<string> {
    const held = this.#held.get(path);
    if (held && held.until > this.now()) return held.ticket;
    const under = this.#asked.get(path);
    if (under) return under;
    const asked = this.#ask(path).finally(() => this.#asked.delete(path));
    this.#asked.set(path, asked);
    return asked;
  }

  /** Forgets a ticket that the core no longer takes. */
  drop(path: string): void {
    this.#held.delete(path);
  }

  async #ask(path: string): Promise<string> {
    const answer = await this.http.post<Ticket>('vigil/tickets/', { path });
    // Four fifths of its life: a picture under way must still be let in.
    this.#held.set(path, { ticket: answer.ticket, until: this.now() + answer.expires_in_secs * 800 });
    return answer.ticket;
  }
}
