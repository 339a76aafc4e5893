// Each reason for not watching has a button that mends it, or leads to where it is mended.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { App } from '$lib/state/app.svelte';
import { shown } from '../../test/printers';
import WithApp from '../../test/WithApp.svelte';
import FixButton from './FixButton.svelte';

afterEach(cleanup);

const unwatched = (change: (printer: PrinterView) => void): PrinterView => {
  const printer = structuredClone(shown('printing'));
  printer.vigil.watch.watching = false;
  change(printer);
  return printer;
};

function open(printer: PrinterView, ok = true) {
  location.hash = '#/print';
  const client = { patchPrinter: vi.fn(), mute: vi.fn() };
  const fake = {
    client,
    system: { detector: { ok, name: '', why: '' } },
    may: () => true,
    ask: vi.fn(() => Promise.resolve(true)),
    choose: vi.fn(),
  };
  const app = fake as unknown as App;
  render(WithApp, { props: { app, of: FixButton as never, given: { printer } } });
  return { app: fake, client };
}
const button = () => screen.queryByTestId('fix-watch');

test('a switch that is off is switched on', async () => {
  const { client } = open(unwatched((p) => (p.watching_enabled = false)));
  await fireEvent.click(screen.getByText('Switch failure detection on'));
  expect(client.patchPrinter).toHaveBeenCalledExactlyOnceWith(1, { watching_enabled: true });
});

test('a print whose alerts are muted is watched again', async () => {
  const { client } = open(
    unwatched((p) => p.current_print && (p.current_print.alert_muted_at = '2026-01-01T00:00:00Z')),
  );
  await fireEvent.click(screen.getByText('Watch this print again'));
  expect(client.mute).toHaveBeenCalledExactlyOnceWith(1, false);
});

test.each<[string, (printer: PrinterView) => void, boolean]>([
  ['Set detection hours', (p) => void (p.vigil.detection_hours = 0), true],
  ['Choose a camera', (p) => void (p.vigil.camera = null), true],
  [
    'Look at the camera’s settings',
    (p) => {
      if (p.vigil.camera) p.vigil.camera.live = false;
    },
    true,
  ],
  ['See Settings, Detection', () => undefined, false],
])('%s leads to the settings', async (text, change, ok) => {
  const { app } = open(unwatched(change), ok);
  await fireEvent.click(screen.getByText(text));
  expect(app.choose).toHaveBeenCalledExactlyOnceWith(1);
  expect(location.hash).toBe('#/settings');
});

test('what is watched, or does not print, needs no fix', () => {
  open(shown('printing'));
  expect(button()).toBeNull();
  cleanup();
  open(unwatched((p) => (p.current_print = null)));
  expect(button()).toBeNull();
});
