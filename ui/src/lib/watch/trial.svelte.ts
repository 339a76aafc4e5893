import { say } from '$lib/api/errors';
import type { Client } from '$lib/api/client';
import { askWhatIf, dropWhatIf, whatIf } from '$lib/api/watch';
import type { WhatIf } from '$lib/bindings/WhatIf';
import type { WhatIfAsk } from '$lib/bindings/WhatIfAsk';

const POLL_MS = 300;

/** "What would this have changed?": one question at a time; a new one drops the old one. */
export class Trial {
  /** How far it is, and what came out; kept while the next one has no answer yet. */
  answer = $state.raw<WhatIf | null>(null);
  fault = $state('');
  running = $state(false);
  #turn = 0;

  constructor(private readonly client: Client) {}

  async ask(question: WhatIfAsk): Promise<void> {
    this.drop();
    const turn = this.#turn;
    this.running = true;
    this.fault = '';
    try {
      let answer = await askWhatIf(this.client, question);
      while (!this.#over(turn, answer)) {
        this.answer = answer;
        await new Promise((done) => setTimeout(done, POLL_MS));
        if (turn !== this.#turn) break;
        answer = await whatIf(this.client, answer.id);
      }
      if (turn === this.#turn) this.answer = answer;
    } catch (error) {
      if (turn === this.#turn) this.fault = say(error);
    }
    if (turn === this.#turn) this.running = false;
  }

  /** Cancels what is under way and forgets what came out. */
  drop(): void {
    this.#turn++;
    const { answer } = this;
    if (this.running && answer && !answer.finished) this.#cancel(answer.id);
    this.running = false;
    this.answer = null;
    this.fault = '';
  }

  #over(turn: number, answer: WhatIf): boolean {
    // Dropped before its first answer came: then nobody else knows its number.
    if (turn !== this.#turn && !answer.finished) this.#cancel(answer.id);
    return turn !== this.#turn || answer.finished;
  }

  #cancel(id: number): void {
    // Without it the question runs to its end, unheard: no harm.
    dropWhatIf(this.client, id).catch(() => undefined);
  }
}
