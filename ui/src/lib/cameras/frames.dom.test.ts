// At a pace of its own a picture asks seldom, and keeps no connection waiting.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Client } from '$lib/api/client';
import { Frames } from './frames.svelte';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    'Image',
    class {
      src = '';
      decode(): Promise<void> {
        return Promise.resolve();
      }
    },
  );
  URL.createObjectURL = () => 'blob:x';
  URL.revokeObjectURL = () => undefined;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a picture in four seconds takes what is there', async () => {
  let id = 7;
  const picture = vi.fn<(path: string, query: { after: number }) => Promise<Response>>(() =>
    Promise.resolve(new Response('jpeg', { headers: { 'X-Frame-Id': String(id) } })),
  );
  const client = { http: { picture }, tickets: { take: () => Promise.resolve('t'), drop: () => undefined } };
  const frames = new Frames(client as unknown as Client, 1, 4000);
  frames.start();
  await vi.advanceTimersByTimeAsync(20_500);
  expect(picture.mock.calls.length, 'two soon, then one in four seconds').toBe(7);
  expect(
    picture.mock.calls.every(([, query]) => query.after === 0),
    'it never waits for the next one',
  ).toBe(true);
  expect(frames.age, 'the same picture again is no new one').toBeNull();
  id = 8;
  await vi.advanceTimersByTimeAsync(4000);
  expect(frames.age).toBeLessThan(4000);
  frames.stop();
});
