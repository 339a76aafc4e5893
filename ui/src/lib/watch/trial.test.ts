import { expect, test, vi } from 'vitest';
import { Client } from '$lib/api/client';
import type { WhatIfAsk } from '$lib/bindings/WhatIfAsk';
import { Trial } from './trial.svelte';

const ASK: WhatIfAsk = { printer: 1, rule: 'printvigil', sensitivity: 1.1, threshold: 1, ignore: null };

/** A core that needs `polls` questions to finish. */
function core(polls: number) {
  const calls: string[] = [];
  let asked = 0;
  const fetcher = vi.fn((url: string, init?: RequestInit) => {
    calls.push(`${init?.method ?? 'GET'} ${url.replace('http://x/api/v1/', '')}`);
    if (init?.method !== 'DELETE') asked++;
    const body = { id: 7, done: asked, total: polls, finished: asked >= polls, prints: [], text: 'x' };
    return Promise.resolve(new Response(JSON.stringify(body)));
  });
  return {
    calls,
    client: new Client({ base_url: 'http://x', token: 't' }, fetcher as unknown as typeof fetch),
  };
}

test('asks once, then asks how far it is until it is done', async () => {
  vi.useFakeTimers();
  const { calls, client } = core(3);
  const trial = new Trial(client);
  const asking = trial.ask(ASK);
  await vi.runAllTimersAsync();
  await asking;
  expect(calls).toEqual(['POST vigil/what_if/', 'GET vigil/what_if/7/', 'GET vigil/what_if/7/']);
  expect(trial.answer?.finished).toBe(true);
  expect(trial.running).toBe(false);
  vi.useRealTimers();
});

test('dropped, it is cancelled in the core and leaves no answer', async () => {
  vi.useFakeTimers();
  const { calls, client } = core(100);
  const trial = new Trial(client);
  const asking = trial.ask(ASK);
  await vi.advanceTimersByTimeAsync(700);
  trial.drop();
  await vi.runAllTimersAsync();
  await asking;
  expect(calls.filter((c) => c === 'DELETE vigil/what_if/7/')).toHaveLength(1);
  expect(trial.answer).toBeNull();
  expect(trial.running).toBe(false);
  vi.useRealTimers();
});

test('a refusal is told', async () => {
  const refuse = () => Promise.resolve(new Response('{"message":"No."}', { status: 409 }));
  const trial = new Trial(new Client({ base_url: 'http://x', token: 't' }, refuse));
  await trial.ask(ASK);
  expect(trial.fault).toBe('No.');
  expect(trial.running).toBe(false);
});
