// What happens without the window is the shell's to say and to change.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import BackgroundCard from './BackgroundCard.svelte';

const shell = vi.hoisted(() => ({ isTauri: vi.fn(() => true), invoke: vi.fn() }));
vi.mock('@tauri-apps/api/core', () => shell);

beforeEach(() => shell.isTauri.mockReturnValue(true));
afterEach(() => {
  cleanup();
  shell.invoke.mockReset();
});

const chosen = { tray: true, keep_watching: false, autostart: false, autostart_missing: '' };

function open() {
  const attempt = vi.fn((what: Promise<unknown>) => what.catch(() => null));
  const app = { attempt } as unknown as App;
  render(WithApp, { props: { app, of: BackgroundCard as never, given: {} } });
}

test('a browser has nothing to choose there', async () => {
  shell.isTauri.mockReturnValue(false);
  open();
  await Promise.resolve();
  expect(screen.queryByTestId('background')).toBeNull();
  expect(shell.invoke).not.toHaveBeenCalled();
});

test('what is switched on shows as on once the shell has done it', async () => {
  shell.invoke.mockImplementation((what: string) =>
    Promise.resolve(what === 'background' ? chosen : { ...chosen, autostart: true }),
  );
  open();
  const autostart = await screen.findByTestId('autostart');
  expect(autostart.getAttribute('aria-checked')).toBe('false');
  await fireEvent.click(autostart);
  expect(shell.invoke).toHaveBeenLastCalledWith('set_background', { autostart: true });
  await vi.waitFor(() => expect(screen.getByTestId('autostart').getAttribute('aria-checked')).toBe('true'));
  await fireEvent.click(screen.getByTestId('keep-watching'));
  expect(shell.invoke).toHaveBeenLastCalledWith('set_background', { keepWatching: true });
});

test('what cannot be here is said, and a missing tray, too', async () => {
  shell.invoke.mockResolvedValue({ ...chosen, tray: false, autostart_missing: 'Not on this system.' });
  open();
  const card = await screen.findByTestId('background');
  expect(card.textContent).toContain('Not on this system.');
  expect(screen.queryByTestId('autostart')).toBeNull();
  expect(screen.getByTestId('no-tray').textContent).toContain('asks first while a print runs');
});
