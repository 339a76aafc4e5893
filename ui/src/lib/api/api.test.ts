import { describe, expect, test, vi } from 'vitest';
import { Backoff } from './backoff';
import { ApiError, refusal, say } from './errors';
import { Http } from './http';
import { Live, type LiveHandlers, type Socket } from './live';
import { Tickets } from './tickets';
import type { LiveMessage } from './types';

const CORE = { base_url: 'http://127.0.0.1:4711/', token: 'secret' };

function answering(status: number, body: string) {
  const calls: { url: string; init: RequestInit }[] = [];
  const http = new Http(CORE, (url, init) => {
    calls.push({ url: url as string, init: init ?? {} });
    return Promise.resolve(new Response(status === 204 ? null : body, { status }));
  });
  return { http, calls };
}

describe('http', () => {
  test('sends the token as a header and never in the address', async () => {
    const { http, calls } = answering(200, '[]');
    await http.get('prints/', { start: 0, filter: undefined });
    expect(calls[0]?.url).toBe('http://127.0.0.1:4711/api/v1/prints/?start=0');
    expect(calls[0]?.init.headers).toEqual({ Authorization: 'Bearer secret' });
  });

  test('a refusal is told in the core’s words, with what to do', async () => {
    const { http } = answering(409, '{"code":"busy","message":"A print runs.","hint":"Wait."}');
    const error: unknown = await http.post('x/').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(say(error)).toBe('A print runs. Wait.');
  });

  test('words of the core become sentences; a name in front stays as it is', () => {
    const full = (message: string, hint = '') => refusal(400, { message, hint }).full;
    expect(full('days are 1 or more', 'Leave it empty.')).toBe('Days are 1 or more. Leave it empty.');
    expect(full('part.gcode is being printed')).toBe('part.gcode is being printed.');
    expect(full('Not now!')).toBe('Not now!');
  });

  test('an answer that is none of ours still becomes a sentence', () => {
    expect(refusal(502, null).full).toBe('Printvigil’s background service answered with an error (502).');
    expect(say(new TypeError('fetch failed'))).toContain('does not answer');
  });

  test('a core that hangs is told in time: STOP must not wait for ever', async () => {
    const hangs = new Http(
      CORE,
      (_url, init) =>
        new Promise((_, reject) =>
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)),
        ),
    );
    const error: unknown = await hangs.post('x/', undefined, undefined, 20).catch((e: unknown) => e);
    expect(say(error)).toContain('does not answer');
  });

  test('nothing comes back from a deletion', async () => {
    const { http } = answering(204, '');
    await expect(http.remove('prints/1/')).resolves.toBeUndefined();
  });
});

describe('tickets', () => {
  test('one is used until four fifths of its life, then a new one is asked for', async () => {
    const { http, calls } = answering(200, '{"ticket":"t","expires_in_secs":300}');
    let now = 0;
    const tickets = new Tickets(http, () => now);
    await Promise.all([tickets.take('/a'), tickets.take('/a')]);
    now = 239_000;
    await tickets.take('/a');
    expect(calls).toHaveLength(1);
    now = 241_000;
    await tickets.take('/a');
    expect(calls, 'renewed before the 300 s are over').toHaveLength(2);
    await tickets.take('/b');
    expect(calls, 'another path needs its own').toHaveLength(3);
  });
});

test('waits double and end at five seconds', () => {
  const backoff = new Backoff();
  expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  backoff.reset();
  expect(backoff.next()).toBe(250);
});

class FakeSocket implements Socket {
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.onclose?.();
  }
  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

function live() {
  const sockets: FakeSocket[] = [];
  const seen: string[] = [];
  const states: boolean[] = [];
  let stale = 0;
  const handlers: LiveHandlers = {
    message: (m: LiveMessage) => seen.push('seq' in m ? `${m.type} ${m.seq}` : m.type),
    connected: (yes) => states.push(yes),
    stale: () => stale++,
  };
  const socket = new Live(answering(200, '').http, handlers, () => {
    const next = new FakeSocket();
    sockets.push(next);
    return next;
  });
  socket.start();
  return { socket, sockets, seen, states, stales: () => stale };
}

const snapshot = (seq: number) => ({ type: 'snapshot', seq, printers: [], system: {} });
const change = (seq: number) => ({ type: 'printer', seq, printer: {} });

describe('live', () => {
  test('says its token first and shows changes in order', () => {
    const { sockets, seen, states } = live();
    sockets[0]?.onopen?.();
    expect(sockets[0]?.sent).toEqual(['{"token":"secret"}']);
    sockets[0]?.says(snapshot(7));
    sockets[0]?.says(change(8));
    expect(seen).toEqual(['snapshot 7', 'printer 8']);
    expect(states).toEqual([true]);
  });

  test('on a gap it asks again and shows nothing until it knows everything', () => {
    const { sockets, seen } = live();
    sockets[0]?.says(snapshot(1));
    sockets[0]?.says(change(3));
    sockets[0]?.says(change(4));
    expect(sockets[0]?.sent, 'asked once').toEqual(['{"type":"again"}']);
    sockets[0]?.says(snapshot(5));
    sockets[0]?.says(change(6));
    expect(seen).toEqual(['snapshot 1', 'snapshot 5', 'printer 6']);
  });

  test('connects again after a loss, and doubts the address after some', () => {
    vi.useFakeTimers();
    const { socket, sockets, states, stales } = live();
    sockets[0]?.says(snapshot(1));
    for (let i = 0; i < 4; i++) {
      sockets[i]?.close();
      vi.advanceTimersByTime(5000);
    }
    expect(sockets).toHaveLength(5);
    expect(states).toEqual([true, false, false, false, false]);
    expect(stales()).toBe(1);
    sockets[4]?.says(snapshot(9));
    expect(states.at(-1)).toBe(true);
    socket.stop();
    vi.advanceTimersByTime(60_000);
    expect(sockets, 'stopped is stopped').toHaveLength(5);
    vi.useRealTimers();
  });

  test('three seconds without a word are said, and end with the next word', () => {
    vi.useFakeTimers();
    const { socket, sockets, states } = live();
    sockets[0]?.says(snapshot(1));
    for (let s = 0; s < 10; s++) {
      vi.advanceTimersByTime(1000);
      sockets[0]?.says({ type: 'alive' });
    }
    expect(states, 'a heartbeat is enough').toEqual([true]);
    vi.advanceTimersByTime(3600);
    expect(states, 'silence is told once').toEqual([true, false]);
    sockets[0]?.says(change(2));
    expect(states).toEqual([true, false, true]);
    socket.stop();
    vi.useRealTimers();
  });

  test('a core that hangs is given up and asked anew', () => {
    vi.useFakeTimers();
    const { socket, sockets, states } = live();
    sockets[0]?.says(snapshot(1));
    vi.advanceTimersByTime(14_000);
    expect(sockets.length, 'a second connection was tried').toBeGreaterThan(1);
    expect(states.at(-1)).toBe(false);
    sockets[0]?.says(change(2));
    expect(states.at(-1), 'what the old one still says does not count').toBe(false);
    sockets.at(-1)?.says(snapshot(3));
    expect(states.at(-1)).toBe(true);
    socket.stop();
    vi.useRealTimers();
  });

  test('a core that never answers is told too', () => {
    vi.useFakeTimers();
    const { socket, states } = live();
    vi.advanceTimersByTime(3600);
    expect(states).toEqual([false]);
    socket.stop();
    vi.useRealTimers();
  });

  test('a token of an earlier core is told as such', () => {
    const { sockets, stales } = live();
    sockets[0]?.says({ type: 'refused', code: 'no_token' });
    expect(stales()).toBe(1);
  });
});
