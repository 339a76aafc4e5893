// Printers on other machines: what those say and nothing more, and what may be asked of them.
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { OtherMachine } from '$lib/bindings/OtherMachine';
import type { OtherPrinter } from '$lib/bindings/OtherPrinter';
import { App } from '$lib/state/app.svelte';
import { Theme } from '$lib/components/theme.svelte';
import Shell from '../../Shell.svelte';
import { Socket, refused, stubPage } from '../../test/page';
import { shown } from '../../test/printers';

// jsdom has no canvas to draw on.
vi.mock('./TempGraph.svelte', () => ({ default: () => undefined }));
const asked: string[] = [];

beforeEach(() => {
  location.hash = '';
  localStorage.clear();
  asked.length = 0;
  stubPage((url) => {
    asked.push(url);
    return refused();
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const printer: OtherPrinter = {
  id: 7,
  name: 'MK3',
  state: 'printing',
  state_word: 'Printing',
  file: 'a.gcode',
  percent: 42,
  left_mins: 65,
  watching: true,
  alert: null,
  alarm: null,
  can: ['pause', 'cancel'],
  asked: null,
};
const garage: OtherMachine = {
  node: 'a1b2c3d4',
  name: 'Garage',
  version: '1',
  presence: 'here',
  heard_at: null,
  steered: true,
  printers: [printer],
  more: false,
};

function tell(...machines: OtherMachine[]): void {
  const all = { on: true, connected: true, why: null, machines, more: false };
  Socket.last.say({ type: 'machines', machines: all });
}

async function open(role: string, page: string, ...machines: OtherMachine[]) {
  const app = new App({ base_url: 'http://core', token: 't' });
  render(Shell, { app, theme: new Theme() });
  Socket.last.onopen?.();
  const system = { first_run: false, detector: { ok: true, name: '', why: '' } };
  Socket.last.say({ type: 'snapshot', seq: 1, role, printers: [shown('printing')], system });
  tell(...machines);
  location.hash = `#/${page}`;
  await vi.waitFor(() => expect(app.machines?.machines).toHaveLength(machines.length));
  return app;
}

test('they stand below one’s own, and a pause is shown as paused only when the other says so', async () => {
  await open('owner', 'printers', garage);
  const row = await screen.findByTestId('other-a1b2c3d4-7');
  expect(row.textContent).toContain('42 %, 1 h 05 min left');
  await fireEvent.click(screen.getByTestId('other-pause'));
  expect(asked.at(-1)).toContain('vigil/machines/a1b2c3d4/printers/7/');
  expect(screen.getByTestId('other-state').textContent).toBe('Printing');
  tell({ ...garage, printers: [{ ...printer, asked: { command: 'pause', late: false } }] });
  await vi.waitFor(() =>
    expect(screen.getByTestId('other-asked').textContent).toContain('Not confirmed yet'),
  );
  expect(screen.getByTestId('other-state').textContent).toBe('Printing');
  tell({ ...garage, printers: [{ ...printer, state: 'paused', state_word: 'Paused', can: ['resume'] }] });
  await vi.waitFor(() => expect(screen.getByTestId('other-state').textContent).toBe('Paused'));
  expect(screen.queryByTestId('other-asked')).toBeNull();
});

test('cancelling asks first', async () => {
  await open('owner', 'printers', garage);
  await fireEvent.click(await screen.findByTestId('other-cancel'));
  expect(asked.some((url) => url.includes('machines'))).toBe(false);
  const dialog = within(screen.getByRole('alertdialog'));
  await fireEvent.click(dialog.getByText('Cancel the print'));
  expect(asked.at(-1)).toContain('vigil/machines/a1b2c3d4/printers/7/');
});

test('whoever may only look gets no buttons, nor does anybody for a machine that is gone', async () => {
  await open('view', 'printers', garage);
  await screen.findByTestId('other-a1b2c3d4-7');
  expect(screen.queryByTestId('other-pause')).toBeNull();
  cleanup();
  await open('owner', 'printers', { ...garage, presence: 'gone', heard_at: '2026-01-02T10:00:00Z' });
  await screen.findByTestId('other-a1b2c3d4-7');
  expect(screen.queryByTestId('other-pause')).toBeNull();
  expect(screen.getByTestId('other-state').textContent).toBe('Not known (was: Printing)');
  expect(screen.getByTestId('machine-a1b2c3d4').textContent).toContain('Gone. Last heard');
});

test('an alert over there stands above every page and leads to the list', async () => {
  await open('owner', 'print', { ...garage, printers: [{ ...printer, alert: 'Seen 6 times.' }] });
  const banner = await screen.findByTestId('banner-machines');
  expect(banner.textContent).toContain('Garage, MK3: Possible failure: the print goes on');
  await fireEvent.click(within(banner).getByRole('button'));
  expect(location.hash).toBe('#/printers');
});

test('what others write is text and nothing else', async () => {
  const evil = '<img src=x onerror=alert(1)>';
  await open('owner', 'printers', {
    ...garage,
    name: evil,
    printers: [{ ...printer, name: evil, alarm: evil }],
  });
  const row = await screen.findByTestId('other-a1b2c3d4-7');
  expect(row.querySelector('img')).toBeNull();
  expect(row.textContent).toContain(evil);
});
