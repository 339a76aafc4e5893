// STOP by its key and its button, in the whole page: everywhere, once a press, for those who may.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Role } from '$lib/bindings/Role';
import { App } from '$lib/state/app.svelte';
import { Theme } from '$lib/components/theme.svelte';
import Shell from './Shell.svelte';
import { Socket, refused, stubPage } from './test/page';
import { shown } from './test/printers';

// jsdom has no canvas to draw on.
vi.mock('uplot', () => ({
  default: class {
    setSize(): void {}
    setData(): void {}
    destroy(): void {}
  },
}));
const answers = vi.fn<(url: string) => Response>();

beforeEach(() => {
  stubPage(answers);
  answers.mockImplementation(refused);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function open(role: Role) {
  const app = new App({ base_url: 'http://core', token: 't' });
  const stop = vi.spyOn(app, 'stop').mockResolvedValue();
  render(Shell, { app, theme: new Theme() });
  Socket.last.onopen?.();
  const system = { first_run: false, detector: { ok: true, name: '', why: '' } };
  const snapshot = { type: 'snapshot', seq: 1, role, printers: [shown('printing')], system };
  Socket.last.say(snapshot);
  await vi.waitFor(() => expect(screen.getByTestId('state-word').textContent).toContain('Printing'));
  return { app, stop };
}
const KEYS = { key: 'E', code: 'KeyE', ctrlKey: true, shiftKey: true };

test.each(['owner', 'operate'] as const)('%s: the button and the keys stop, once a press', async (role) => {
  const { stop } = await open(role);
  await fireEvent.click(screen.getByTestId('stop'));
  expect(stop).toHaveBeenCalledTimes(1);
  await fireEvent.keyDown(document.body, KEYS);
  expect(stop).toHaveBeenCalledTimes(2);
  await fireEvent.keyDown(document.body, { ...KEYS, repeat: true });
  expect(stop).toHaveBeenCalledTimes(2);
  expect(screen.queryByRole('alertdialog'), 'it never asks').toBeNull();
});

test('the keys stop from within a text field, too', async () => {
  const { stop } = await open('owner');
  const field = document.body.appendChild(document.createElement('input'));
  await fireEvent.keyDown(field, KEYS);
  expect(stop).toHaveBeenCalledOnce();
  field.remove();
});

test('who only looks has no STOP, neither as a button nor by keys', async () => {
  const { stop } = await open('view');
  expect(screen.queryByTestId('stop')).toBeNull();
  await fireEvent.keyDown(document.body, KEYS);
  expect(stop).not.toHaveBeenCalled();
});

test('a STOP that was not delivered is said on the page', async () => {
  const { app, stop } = await open('operate');
  stop.mockRestore();
  answers.mockImplementation((url) => {
    if (url.includes('emergency_stop')) throw new TypeError('no network');
    return refused();
  });
  await fireEvent.click(screen.getByTestId('stop'));
  await vi.waitFor(() => expect(app.stopFailed).toHaveLength(1));
  expect(screen.getByTestId('banner-stop-failed').textContent).toContain('switch the printer off now');
});
