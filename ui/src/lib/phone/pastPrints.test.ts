import { expect, test, vi } from 'vitest';
import type { Client } from '$lib/api/client';
import type { PrintView } from '$lib/bindings/PrintView';
import { PAGE, PastPrints } from './pastPrints.svelte';

/** A core with prints of these numbers, newest first. */
function core(ids: number[]) {
  const get = vi.fn((_path: string, query: { start: number; limit: number; result?: string }) =>
    Promise.resolve(ids.slice(query.start, query.start + query.limit).map((id) => ({ id }) as PrintView)),
  );
  return { ids, get, past: new PastPrints({ http: { get } } as unknown as Client) };
}
const numbers = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i);
const shown = (past: PastPrints) => past.rows.map((print) => print.id);

test('pages follow each other until all prints are here', async () => {
  const { past, get } = core(numbers(PAGE + 5, 1));
  await past.load();
  expect(past.rows).toHaveLength(PAGE);
  expect(past.complete).toBe(false);
  await past.more();
  expect(shown(past)).toEqual(numbers(PAGE + 5, 1));
  expect(past.complete).toBe(true);
  await past.more();
  expect(get).toHaveBeenCalledTimes(2);
});

test('a print that began meanwhile is listed once and leaves no gap', async () => {
  const { past, ids } = core(numbers(100, 1));
  await past.load();
  ids.unshift(101);
  await past.more();
  expect(new Set(shown(past)).size).toBe(past.rows.length);
  await past.load();
  expect(shown(past).slice(0, 3)).toEqual([101, 100, 99]);
  expect(past.rows.length).toBeGreaterThan(PAGE);
});

test('another choice begins at the top, and an answer that comes late is left out', async () => {
  const { past, get } = core(numbers(3, 1));
  let late: (rows: PrintView[]) => void = () => undefined;
  get.mockImplementationOnce(() => new Promise((done) => (late = done)));
  const first = past.load();
  await past.choose('failed');
  late([{ id: 77 } as PrintView]);
  await first;
  expect(shown(past)).toEqual([3, 2, 1]);
  expect(get.mock.lastCall?.[1]).toMatchObject({ result: 'failed', start: 0 });
});

test('a fault is said, and the list that was there stays', async () => {
  const { past, get } = core(numbers(3, 1));
  await past.load();
  get.mockRejectedValueOnce(new TypeError('no network'));
  await past.load();
  expect(past.fault).not.toBe('');
  expect(past.rows).toHaveLength(3);
  await past.load();
  expect(past.fault).toBe('');
});
