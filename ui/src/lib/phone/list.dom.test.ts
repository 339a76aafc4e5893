// The list of past prints on a phone: what was read stays when the rest cannot be, and says so.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Client } from '$lib/api/client';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import { PastPrints } from './pastPrints.svelte';
import PhoneHistory from './PhoneHistory.svelte';

beforeEach(() => {
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      observe(): void {}
      disconnect(): void {}
    },
  );
});
afterEach(cleanup);

const row = (id: number) => ({
  id,
  filename: `print-${id}.gcode`,
  started_at: '2026-11-20T10:00:00Z',
  vigil: { ended_by: 'finished', demo: false },
});

function open(get: () => Promise<unknown>, lost = false) {
  const client = { http: { get }, media: () => new Promise(() => undefined) } as unknown as Client;
  const app = { client, printers: [], may: () => true } as unknown as App;
  const past = new PastPrints(client);
  render(WithApp, { props: { app, of: PhoneHistory as never, given: { past, lost } } });
  return past;
}
const text = () => document.body.textContent ?? '';

test('past prints are listed, and none are said to be none', async () => {
  open(() => Promise.resolve([row(2), row(1)]));
  await vi.waitFor(() => expect(screen.getByTestId('past-2').textContent).toContain('print-2.gcode'));
  cleanup();
  open(() => Promise.resolve([]));
  await vi.waitFor(() => expect(text()).toContain('No prints yet'));
});

test('a fault is said beside what was read, and can be tried again', async () => {
  let down = false;
  const past = open(() => (down ? Promise.reject(new TypeError('gone')) : Promise.resolve([row(1)])));
  await vi.waitFor(() => screen.getByTestId('past-1'));
  down = true;
  await past.load();
  await vi.waitFor(() => expect(text()).toContain('History cannot be read'));
  expect(screen.getByTestId('past-1')).toBeTruthy();
  down = false;
  await fireEvent.click(screen.getByText('Try again'));
  await vi.waitFor(() => expect(text()).not.toContain('History cannot be read'));
});

test('while it is not live nothing is asked for', async () => {
  const get = vi.fn(() => Promise.resolve([]));
  open(get, true);
  await Promise.resolve();
  expect(get).not.toHaveBeenCalled();
  expect(text()).not.toContain('No prints yet');
});
