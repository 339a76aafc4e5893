// The corners by hand: homed before anything moves, point by point, and left as it was.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { Tools } from '$lib/bindings/Tools';
import type { App } from '$lib/state/app.svelte';
import { Told } from '../../test/clock.svelte';
import { shown } from '../../test/printers';
import WithApp from '../../test/WithApp.svelte';
import CornerGuide from './CornerGuide.svelte';

const { sendTool, presets } = vi.hoisted(() => ({ sendTool: vi.fn(), presets: vi.fn() }));
vi.mock('$lib/api/tools', () => ({ sendTool, presets }));
beforeEach(() => {
  localStorage.clear();
  sendTool.mockReset().mockResolvedValue({ printer: {} });
  presets.mockReset().mockResolvedValue([{ name: 'PLA', extruder: 205, bed: 60 }]);
});
afterEach(cleanup);

function printer(tools: Partial<Tools> = {}, capabilities: Record<string, boolean> = {}): PrinterView {
  const made = shown('idle');
  made.vigil.tools = { ...made.vigil.tools, ...tools };
  made.vigil.capabilities = capabilities;
  return made;
}
function open(start: PrinterView) {
  const told = new Told();
  told.printers = [start];
  const client = {
    home: vi.fn(() => Promise.resolve({})),
    setTemperature: vi.fn(() => Promise.resolve({})),
  };
  const app = {
    client,
    show: vi.fn(),
    toasts: { error: vi.fn() },
    ask: (what: Promise<unknown>) => what.then(() => true),
    get printers() {
      return told.printers;
    },
  } as unknown as App;
  const [onprobe, onclose] = [vi.fn(), vi.fn()];
  const given = { printer: start, onprobe, onclose };
  const page = render(WithApp, { props: { app, of: CornerGuide as never, given } });
  const tell = async (next: PrinterView) => {
    told.printers = [next];
    await page.rerender({ given: { ...given, printer: next } });
  };
  return { client, onprobe, onclose, tell };
}
const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);
const tools = () => sendTool.mock.calls.map((call) => call[2] as Record<string, unknown>);

test('nothing moves before the bed is said to be clear, and no point is gone to before it is homed', async () => {
  const { client, tell } = open(printer());
  expect(button('corners-home').disabled).toBe(true);
  await fireEvent.click(button('corners-clear'));
  await fireEvent.click(button('corners-home'));
  expect(client.home).toHaveBeenCalledExactlyOnceWith(1, ['x', 'y', 'z']);
  await vi.waitFor(() => expect(screen.getByTestId('corners-homing')).toBeTruthy());
  expect(button('corners-next').disabled).toBe(true);
  expect(button('corner-0').disabled).toBe(true);
  await tell(printer({ homed: [true, true, true] }));
  await fireEvent.click(button('corners-next'));
  await vi.waitFor(() => expect(screen.getByTestId('corners-at').textContent).toContain('Front left'));
  for (let n = 1; n < 5; n++) {
    await fireEvent.click(button('corners-next'));
    await vi.waitFor(() => expect(button(`corner-${n}`).getAttribute('aria-pressed')).toBe('true'));
  }
  expect(tools().map(({ x, y }) => [x, y])).toEqual([
    [30, 30],
    [190, 30],
    [190, 190],
    [30, 190],
    [110, 110],
  ]);
  expect(tools().every((tool) => tool['do'] === 'level_point')).toBe(true);
  expect(screen.getByTestId('corners-again').textContent).toContain('once more');
});

test('what was heated is set as it was, and the nozzle is lifted', async () => {
  const homed = printer({ homed: [true, true, true] });
  homed.status.temperatures = { bed: { actual: 45, target: 45, offset: 0 } };
  const { client } = open(homed);
  await vi.waitFor(() => expect(screen.getByText('PLA')).toBeTruthy());
  await fireEvent.click(screen.getByText('PLA'));
  await fireEvent.click(button('corners-clear'));
  await fireEvent.click(button('corners-home'));
  await vi.waitFor(() => expect(button('corner-2').disabled).toBe(false));
  expect(client.setTemperature.mock.calls).toEqual([
    [1, 'bed', 60],
    [1, 'tool0', 205],
  ]);
  await fireEvent.click(button('corner-2'));
  await vi.waitFor(() => expect(screen.getByTestId('corners-at')).toBeTruthy());
  cleanup();
  await vi.waitFor(() => expect(client.setTemperature).toHaveBeenCalledTimes(4));
  expect(tools().at(-1)).toMatchObject({ do: 'jog', z: 10 });
  expect(client.setTemperature.mock.calls.slice(2)).toEqual([
    [1, 'bed', 45],
    [1, 'tool0', 0],
  ]);
});

test('a bed whose size is not told is asked for, and remembered', async () => {
  const { tell } = open(printer({ area: null }));
  await fireEvent.change(screen.getByTestId('bed-width'), { target: { value: '300' } });
  await fireEvent.change(screen.getByTestId('bed-depth'), { target: { value: '20' } });
  expect(screen.getByRole('alert').textContent).toContain('From 60 to 1000');
  await fireEvent.change(screen.getByTestId('bed-depth'), { target: { value: '310' } });
  await fireEvent.click(button('corners-clear'));
  await fireEvent.click(button('corners-home'));
  await tell(printer({ area: null, homed: [true, true, true] }));
  await fireEvent.click(button('corner-2'));
  await vi.waitFor(() => expect(tools()).toHaveLength(1));
  expect(tools()[0]).toEqual({ do: 'level_point', x: 270, y: 280 });
  expect(localStorage.getItem('printvigil.bed.1')).toBe('300x310');
});

test('a printer with a probe is offered to measure instead', async () => {
  const { onprobe } = open(printer({}, { Z_PROBE: true }));
  await fireEvent.click(screen.getByText('Probe instead…'));
  expect(onprobe).toHaveBeenCalledOnce();
  cleanup();
  open(printer());
  expect(screen.queryByTestId('corners-probe')).toBeNull();
});

test('a print that begins meanwhile ends it, and its heat is left alone', async () => {
  const { client, onclose, tell } = open(printer({ homed: [true, true, true] }));
  await tell(shown('printing'));
  await vi.waitFor(() => expect(onclose).toHaveBeenCalled());
  cleanup();
  expect(client.setTemperature).not.toHaveBeenCalled();
  expect(sendTool).not.toHaveBeenCalled();
});
