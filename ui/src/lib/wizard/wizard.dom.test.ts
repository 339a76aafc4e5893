// The set-up page: every step can be skipped, STOP is there from the first moment, and leaving it is remembered.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { App } from '$lib/state/app.svelte';
import { shown } from '../../test/printers';
import WithApp from '../../test/WithApp.svelte';
import Wizard from './Wizard.svelte';

afterEach(cleanup);

function open(stopFailed: string[] = [], printers: PrinterView[] = []) {
  const client = {
    ports: vi.fn(() => Promise.resolve([])),
    portTroubles: vi.fn(() => Promise.resolve([])),
    cameras: vi.fn(() => Promise.resolve({ cameras: [], devices: [] })),
    setFirstRun: vi.fn(() => Promise.resolve({ first_run: false })),
  };
  const fake = {
    client,
    printers,
    connected: true,
    choose: vi.fn(),
    printer: null,
    system: { first_run: true, detector: { ok: true, why: '' } },
    adding: true,
    stopFailed,
    stop: vi.fn(),
    attempt: <T>(what: Promise<T>) => what.catch(() => null),
  };
  const app = fake as unknown as App;
  render(WithApp, { props: { app, of: Wizard as never, given: {} } });
  return { app: fake, client };
}
const current = () => document.querySelector('[aria-current=step]')?.getAttribute('data-testid');
const next = () => screen.getByTestId('wizard-next');

test('without printer and camera each step says what going on means, and back leads back', async () => {
  open();
  expect(current()).toBe('wizard-step-1');
  expect(screen.getByText<HTMLButtonElement>('Back').disabled).toBe(true);
  expect(next().textContent?.trim()).toBe('Continue without a printer');
  await fireEvent.click(next());
  expect(current()).toBe('wizard-step-2');
  expect(next().textContent?.trim()).toBe('Continue without a camera');
  await fireEvent.click(next());
  expect(current()).toBe('wizard-step-3');
  await fireEvent.click(screen.getByText('Back'));
  expect(current()).toBe('wizard-step-2');
});

test.each(['wizard-skip', 'wizard-done'])('%s leaves it, now and at the next start', async (button) => {
  const { app, client } = open();
  if (button === 'wizard-done') {
    await fireEvent.click(next());
    await fireEvent.click(next());
  }
  await fireEvent.click(screen.getByTestId(button));
  await vi.waitFor(() => expect(app.adding).toBe(false));
  expect(client.setFirstRun).toHaveBeenCalledExactlyOnceWith(false);
});

test('STOP stops without asking, and says loudly when it was not delivered', async () => {
  const { app } = open(['The core does not answer.']);
  await fireEvent.click(screen.getByTestId('stop'));
  expect(app.stop).toHaveBeenCalledOnce();
  expect(screen.queryByRole('alertdialog')).toBeNull();
  expect(screen.getByRole('alert').textContent).toContain('switch the printer off now');
});

test('an alert of another printer is seen while one is added, and leads to it', async () => {
  const printing = shown('alert');
  const { app } = open([], [printing]);
  await fireEvent.click(screen.getByTestId(`show-${printing.id}`));
  expect(app.choose).toHaveBeenCalledWith(printing.id);
  expect(app.adding).toBe(false);
});
