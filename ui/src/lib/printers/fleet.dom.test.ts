// Several printers: each by its name, none unseen, STOP of one and of all.
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PrinterView } from '$lib/bindings/PrinterView';
import { App } from '$lib/state/app.svelte';
import { Theme } from '$lib/components/theme.svelte';
import Shell from '../../Shell.svelte';
import { Socket, refused, stubPage } from '../../test/page';
import { shown } from '../../test/printers';

// jsdom has no canvas to draw on.
vi.mock('./TempGraph.svelte', () => ({ default: () => undefined }));
const answers = vi.fn<(url: string) => Response>();
const asked: string[] = [];

beforeEach(() => {
  location.hash = '';
  localStorage.clear();
  asked.length = 0;
  answers.mockImplementation(refused);
  stubPage((url) => {
    asked.push(url);
    return answers(url);
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const named = (id: number, state: string): PrinterView => ({ ...shown(state), id, name: `Printer ${id}` });

async function open(...states: string[]) {
  const app = new App({ base_url: 'http://core', token: 't' });
  render(Shell, { app, theme: new Theme() });
  Socket.last.onopen?.();
  const system = { first_run: false, detector: { ok: true, name: '', why: '' } };
  const printers = states.map((state, at) => named(at + 1, state));
  Socket.last.say({ type: 'snapshot', seq: 1, role: 'owner', printers, system });
  await vi.waitFor(() => expect(screen.getByTestId('stop')).toBeTruthy());
  await vi.waitFor(() => expect(app.printers).toHaveLength(states.length));
  return app;
}

test('an alert of a printer that is not shown names it and leads to it', async () => {
  const app = await open('printing', 'alert');
  const banner = await screen.findByTestId('banner-others');
  expect(banner.textContent).toContain('Printer 2: Possible failure: the print is paused');
  expect(banner.getAttribute('role'), 'it is said at once').toBe('alert');
  await vi.waitFor(() => expect(document.title).toContain('Printer 2: Possible failure'));
  await fireEvent.click(screen.getByTestId('show-2'));
  expect(app.printer?.id).toBe(2);
  expect(screen.queryByTestId('banner-others'), 'it is the one that is shown').toBeNull();
});

test('a notice of another printer leads to it', async () => {
  const app = await open('printing', 'printing');
  const notice = {
    printer: 2,
    kind: 'print_done',
    title: 'Done',
    text: 'It is done.',
    frame: null,
    demo: true,
  };
  Socket.last.say({ type: 'notice', seq: 2, notice });
  const toasts = await screen.findByTestId('toasts');
  await vi.waitFor(() => expect(toasts.textContent).toContain('Printer 2: Done'));
  await fireEvent.click(within(toasts).getByTestId('toast-show'));
  expect(app.printer?.id).toBe(2);
});

test('STOP says which printer it stops, and stops no other', async () => {
  const app = await open('printing', 'printing');
  expect(screen.getByTestId('stop-name').textContent).toBe('Printer 1');
  expect(screen.getByTestId('stop').getAttribute('aria-label')).toBe('STOP Printer 1');
  app.choose(2);
  await vi.waitFor(() => expect(screen.getByTestId('stop-name').textContent).toBe('Printer 2'));
  await fireEvent.click(screen.getByTestId('stop'));
  const stops = asked.filter((url) => url.includes('emergency_stop'));
  expect(stops).toHaveLength(1);
  expect(stops[0]).toContain('printers/2/');
});

test('Stop all is one click further, and says who was told and who could not be', async () => {
  const app = await open('printing', 'printing', 'printing');
  answers.mockImplementation((url) =>
    url.endsWith('vigil/emergency_stop/')
      ? Response.json({
          told: [
            { printer: 1, name: 'Printer 1' },
            { printer: 3, name: 'Printer 3' },
          ],
          not_told: [{ printer: 2, name: 'Printer 2', why: 'Its port is not open.' }],
        })
      : new Response('{}', { status: 503 }),
  );
  expect(screen.queryByTestId('stop-all')).toBeNull();
  await fireEvent.click(screen.getByTestId('stop-more'));
  await fireEvent.click(screen.getByTestId('stop-all'));
  await vi.waitFor(() => expect(app.stopFailed).toHaveLength(1));
  const failed = screen.getByTestId('banner-stop-failed').textContent;
  expect(failed).toContain('STOP was not delivered to Printer 2: switch it off now');
  expect(failed).toContain('Its port is not open.');
  expect(screen.getByTestId('toasts').textContent).toContain('STOP was sent to Printer 1, Printer 3');
});

test('where the core is silent, Stop all says so of each printer', async () => {
  const app = await open('printing', 'printing');
  answers.mockImplementation(() => {
    throw new TypeError('no network');
  });
  await app.stopAll();
  await vi.waitFor(() => expect(screen.getAllByTestId('banner-stop-failed')).toHaveLength(2));
});

test('one printer alone has no overview, no name on STOP and nothing to stop beside it', async () => {
  await open('printing');
  expect(screen.queryByTestId('nav-printers')).toBeNull();
  expect(screen.queryByTestId('stop-name')).toBeNull();
  expect(screen.queryByTestId('stop-more')).toBeNull();
});

test('the overview shows each printer with what it wants known, and leads to it', async () => {
  const app = await open('printing', 'alert', 'offline');
  location.hash = '#/printers';
  const tiles = await screen.findByTestId('overview');
  expect(within(tiles).getAllByRole('listitem')).toHaveLength(3);
  expect(screen.getByText('1 of 3 printing, 1 paused'), 'one that stands still does not print').toBeTruthy();
  expect(screen.getByTestId('tile-1').textContent).toContain('Printing');
  expect(screen.getByTestId('tile-said-2').textContent).toContain('Possible failure: the print is paused');
  expect(screen.queryByTestId('banner-others'), 'its tile says it').toBeNull();
  const stop = screen.getByTestId('stop-3');
  expect(stop.getAttribute('aria-label')).toBe('STOP Printer 3');
  await fireEvent.click(stop);
  expect(asked.filter((url) => url.includes('emergency_stop'))[0]).toContain('printers/3/');
  expect(app.printer?.id, 'stopping one chooses none').toBe(1);
  await fireEvent.click(screen.getByTestId('open-2'));
  expect(app.printer?.id).toBe(2);
  expect(location.hash).toBe('#/print');
});
