// The terminal as a component: it once looped by itself as soon as it was opened.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import Terminal from './Terminal.svelte';

const COUNT = 100_000;
class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal('ResizeObserver', Observer);
Element.prototype.scrollTo = () => undefined;
afterEach(cleanup);

function open() {
  const lines = Array.from({ length: COUNT }, (_, i) => ({
    seq: i + 1,
    t: i,
    direction: 'received' as const,
    text: i % 2 ? 'ok' : `echo: line ${i}`,
  }));
  let asked = 0;
  const get = vi.fn((_path: string, query: { after: number }) => {
    asked++;
    const page = lines.slice(query.after, query.after + 50_000);
    return Promise.resolve({ lines: page, next: query.after + page.length, more: false, missed: false });
  });
  const send = vi.fn<(line: string) => Promise<string>>(() =>
    Promise.resolve('M117 was not sent: no display.'),
  );
  const stop = vi.fn(() => Promise.resolve());
  const app = { client: { http: { get } }, stop } as unknown as App;
  const printer = { id: 1, current_print: null } as unknown as PrinterView;
  render(WithApp, { props: { app, of: Terminal as never, given: { printer, work: { send } } } });
  return { send, stop, asked: () => asked };
}

test('a hundred thousand lines are counted, few are drawn, and filters answer', async () => {
  open();
  await vi.waitFor(() => expect(screen.getByText('50000 lines')).toBeTruthy(), { timeout: 4000 });
  expect(document.querySelectorAll('.line').length).toBeLessThan(200);
  await fireEvent.click(screen.getByTestId('filter-ok'));
  await tick();
  expect(screen.getByText('100000 lines')).toBeTruthy();
});

test('a refusal is said beside the input, and M112 stops', async () => {
  const { send, stop } = open();
  const input = screen.getByTestId('terminal-input');
  const type = async (line: string) => {
    await fireEvent.input(input, { target: { value: line } });
    await fireEvent.click(screen.getByTestId('terminal-send'));
    await tick();
  };
  await type('M117 hi');
  await vi.waitFor(() => expect(screen.getByTestId('terminal-refused').textContent).toContain('no display'));
  await type('M104 S400');
  expect(send).toHaveBeenLastCalledWith('M104 S400');
  await type('m112');
  expect(stop).toHaveBeenCalledOnce();
  expect(send, 'a stop is no line').toHaveBeenCalledTimes(2);
});
