// What the whole page needs around it in a test: the core's socket, answers, and what jsdom does not have.
import { vi } from 'vitest';

/** The socket of the page; the core's messages come through it. */
export class Socket {
  static last: Socket;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor() {
    Socket.last = this;
  }
  send(): void {}
  close(): void {}
  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** What is not under test: a core that cannot tell it now. */
export const refused = (): Response => new Response('{}', { status: 503 });

/** Puts all of it in place; `answer` stands for the core. Taken away by `vi.unstubAllGlobals`. */
export function stubPage(answer: (url: string) => Response): void {
  const quiet = { matches: false, addEventListener: () => undefined, removeEventListener: () => undefined };
  vi.stubGlobal('WebSocket', Socket);
  vi.stubGlobal('matchMedia', () => quiet);
  vi.stubGlobal('fetch', (url: string) => Promise.resolve(answer(url)));
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  );
}
