// Start: only after a file, a clear bed and a look at the file; what should not be printed needs a second step.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Finding } from '$lib/api/types';
import type { FileView } from '$lib/bindings/FileView';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { App } from '$lib/state/app.svelte';
import { Job } from '$lib/state/job.svelte';
import WithApp from '../../test/WithApp.svelte';
import { shown } from '../../test/printers';
import { need, SPOOLS } from '../../../dev/spools.mjs';
import { shelf } from '$lib/spools/shelf.svelte';
import StartCard from './StartCard.svelte';

beforeEach(() => sessionStorage.clear());
afterEach(() => {
  cleanup();
  shelf.list = null;
});

const file = { id: 7, filename: 'boat.gcode', thumbnail1_url: null } as unknown as FileView;

function open(
  findings: Finding[] = [],
  printer: PrinterView = shown('idle'),
  needs: unknown[] | null = null,
) {
  const list = { spools: needs ? SPOOLS : [], materials: [], low_g: 100 };
  const client = {
    http: { get: vi.fn((path: string) => Promise.resolve(path === 'vigil/spools/' ? list : (needs ?? []))) },
    files: vi.fn(() => Promise.resolve({ results: [file] })),
    preflight: vi.fn(() => Promise.resolve({ findings })),
    start: vi.fn(() => Promise.resolve({})),
    patchPrinter: vi.fn(),
    media: () => new Promise(() => undefined),
  };
  const app = {
    client,
    printer,
    printers: [printer],
    may: () => true,
    ask: (what: Promise<unknown>) => what.then(() => true),
    attempt: <T>(what: Promise<T>) => what.catch(() => null),
  } as unknown as App;
  const job = new Job(app);
  render(WithApp, { props: { app, job, of: StartCard as never, given: { printer } } });
  return { client, job };
}
const start = () => screen.getByTestId<HTMLButtonElement>('start-print');

test('it starts after a file was chosen and the bed was looked at, and the bed is asked about again', async () => {
  const { client, job } = open();
  expect(start().disabled).toBe(true);
  expect(document.body.textContent).toContain('Choose a file first');
  job.choose(file);
  await vi.waitFor(() => expect(document.body.textContent).toContain('Confirm the bed first'));
  expect(start().disabled).toBe(true);
  await fireEvent.click(screen.getByTestId('bed-clear'));
  expect(start().disabled).toBe(false);
  await fireEvent.click(start());
  await vi.waitFor(() => expect(client.start).toHaveBeenCalledExactlyOnceWith(1, 7));
  await vi.waitFor(() => expect(start().disabled).toBe(true));
});

test('too little on the spool is said with figures, and it starts all the same', async () => {
  const { client, job } = open([], shown('idle'), [need({ short: true, left_g: 40, left_mm: 13_400 })]);
  job.choose(file);
  const said =
    'Not enough filament on the spool66 g (22.10 m) needed, 40 g (13.40 m) left of Teal matt, PLA.';
  await vi.waitFor(() =>
    expect(document.body.textContent?.replace(/\s+/g, ' ')).toContain(said.slice(0, 32)),
  );
  await vi.waitFor(() => expect(document.body.textContent).toContain(said.slice(32)));
  job.bedClear = true;
  await vi.waitFor(() => expect(start().disabled).toBe(false));
  await fireEvent.click(start());
  await vi.waitFor(() => expect(client.start).toHaveBeenCalledExactlyOnceWith(1, 7));
});

test.each(['offline', 'printing'])('nothing starts on a printer that is %s', async (state) => {
  const { job, client } = open([], shown(state));
  job.choose(file);
  job.bedClear = true;
  await vi.waitFor(() => expect(document.body.textContent).toContain('File: boat.gcode'));
  expect(start().disabled).toBe(true);
  // As a browser does: a button that is off takes no click.
  start().click();
  expect(client.start).not.toHaveBeenCalled();
});

test('another file is another bed', () => {
  const { job } = open();
  job.choose(file);
  job.bedClear = true;
  job.choose({ ...file, id: 8 });
  expect(job.bedClear).toBe(false);
});

test('what should not be printed is said first and needs a second, deliberate step', async () => {
  const stop: Finding = {
    code: 'hot',
    severity: 'stop',
    what: 'It heats the nozzle to 420 °C.',
    do: 'Slice it again.',
  };
  const { client, job } = open([stop]);
  job.choose(file);
  job.bedClear = true;
  await vi.waitFor(() => expect(start().disabled).toBe(false));
  await fireEvent.click(start());
  const yes = await vi.waitFor(() => screen.getByTestId<HTMLButtonElement>('ask-yes'));
  expect(screen.getByTestId('findings').textContent).toContain('420 °C');
  expect(yes.disabled).toBe(true);
  yes.click();
  expect(client.start).not.toHaveBeenCalled();
  await fireEvent.click(screen.getByTestId('print-anyway'));
  await fireEvent.click(screen.getByTestId('ask-yes'));
  await vi.waitFor(() => expect(client.start).toHaveBeenCalledExactlyOnceWith(1, 7));
});

test('a file that cannot be looked over does not start', async () => {
  const { client, job } = open();
  job.choose(file);
  job.bedClear = true;
  client.preflight.mockRejectedValue(new TypeError('gone'));
  await vi.waitFor(() => expect(start().disabled).toBe(false));
  await fireEvent.click(start());
  await Promise.resolve();
  expect(client.start).not.toHaveBeenCalled();
});
