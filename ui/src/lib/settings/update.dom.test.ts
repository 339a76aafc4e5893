// An update from a file: what it is comes first, a refusal stays with its reason, and never while a print runs.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import UpdateRow from './UpdateRow.svelte';

const shell = vi.hoisted(() => ({ isTauri: () => true, invoke: vi.fn() }));
vi.mock('@tauri-apps/api/core', () => shell);

afterEach(() => {
  cleanup();
  shell.invoke.mockReset();
});

const offer = {
  version: '0.2.0',
  installed: '0.1.0',
  num_bytes: 60_000_000,
  development: true,
  how: 'It takes the place of the version that runs.',
};

function open(printing = false): void {
  const printers = [{ current_print: printing ? { id: 1 } : null }];
  const app = { printers } as unknown as App;
  render(WithApp, { props: { app, of: UpdateRow as never, given: {} } });
}

test('it is installed after a look at what it is, and the command is shown where it could not be', async () => {
  shell.invoke.mockImplementation((what: string) =>
    Promise.resolve(
      what === 'choose_update'
        ? offer
        : { version: '0.2.0', by_hand: 'sudo apt install p.deb', why: 'no pkexec' },
    ),
  );
  open();
  await fireEvent.click(screen.getByTestId('update-open'));
  const yes = await screen.findByTestId('ask-yes');
  expect(document.body.textContent).toContain('this is no release');
  expect(shell.invoke).toHaveBeenCalledTimes(1);
  await fireEvent.click(yes);
  const field = await screen.findByTestId<HTMLInputElement>('update-command');
  expect(field.value).toBe('sudo apt install p.deb');
  expect(screen.getByTestId('update-by-hand').textContent).toContain('no pkexec');
});

test('a refusal stays with its reason; a person who changes their mind hears nothing', async () => {
  shell.invoke.mockRejectedValueOnce('p.tar.gz is not installed: it was changed after it was signed');
  open();
  await fireEvent.click(screen.getByTestId('update-open'));
  const refused = await screen.findByTestId('update-refused');
  expect(refused.textContent).toContain('changed after it was signed');
  shell.invoke.mockResolvedValueOnce(null);
  await fireEvent.click(screen.getByTestId('update-open'));
  await vi.waitFor(() => expect(screen.queryByTestId('update-refused')).toBeNull());
  expect(screen.queryByTestId('ask-yes')).toBeNull();
});

test('while a print runs nothing can be chosen', () => {
  open(true);
  expect(screen.getByTestId<HTMLButtonElement>('update-open').disabled).toBe(true);
});
