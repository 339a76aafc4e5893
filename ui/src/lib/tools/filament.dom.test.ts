// Filament in and out, step by step: nothing is fed cold, nothing in mid-print, and the nozzle is left as it was.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { App } from '$lib/state/app.svelte';
import { Clock, Told } from '../../test/clock.svelte';
import { shown } from '../../test/printers';
import WithApp from '../../test/WithApp.svelte';
import FilamentButtons from './FilamentButtons.svelte';

const { sendTool, presets } = vi.hoisted(() => ({ sendTool: vi.fn(), presets: vi.fn() }));
vi.mock('$lib/api/tools', () => ({ sendTool, presets }));
beforeEach(() => {
  sendTool.mockReset().mockResolvedValue({ printer: {} });
  presets.mockReset().mockResolvedValue([{ name: 'PLA', extruder: 205, bed: 60 }]);
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** A printer whose nozzle tells this. */
function at(state: string, actual: number, target: number): PrinterView {
  const printer = shown(state);
  printer.status.temperatures = { tool0: { actual, target, offset: 0 } };
  return printer;
}

function open(start: PrinterView) {
  const [told, clock] = [new Told(), new Clock()];
  told.printers = [start];
  const setTemperature = vi.fn(() => Promise.resolve({}));
  const app = {
    client: { setTemperature },
    show: vi.fn(),
    toasts: { error: vi.fn() },
    ask: (what: Promise<unknown>) => what.then(() => true),
    get printers() {
      return told.printers;
    },
    get now() {
      return clock.now;
    },
  } as unknown as App;
  const shownOn = render(WithApp, {
    props: { app, of: FilamentButtons as never, given: { printer: start } },
  });
  /** What the printer tells next. */
  const tell = async (printer: PrinterView) => {
    told.printers = [printer];
    await shownOn.rerender({ given: { printer } });
  };
  const pass = (secs: number) => {
    vi.setSystemTime(Date.now() + 1000 * secs);
    clock.now = Date.now();
  };
  pass(0);
  return { setTemperature, tell, pass };
}
const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);

/** Up to the hot nozzle. */
async function heated(way: 'load' | 'unload', state = 'idle') {
  const all = open(at(state, 24, 0));
  await fireEvent.click(button(`filament-${way}`));
  await vi.waitFor(() => expect(button('guide-start').textContent).toContain('205°'));
  await fireEvent.click(button('guide-start'));
  await vi.waitFor(() => expect(all.setTemperature).toHaveBeenLastCalledWith(1, 'tool0', 205));
  expect(screen.queryByTestId('guide-fast'), 'not cold').toBeNull();
  await all.tell(at(state, 150, 205));
  expect(screen.queryByTestId('guide-fast'), 'not half hot').toBeNull();
  await all.tell(at(state, 204, 205));
  return all;
}

test('loading heats, waits, feeds by the press, asks for the colour, and leaves the nozzle off as before', async () => {
  const { setTemperature, pass } = await heated('load');
  expect(button('guide-yes').disabled, 'nothing was fed yet').toBe(true);
  await fireEvent.click(button('guide-fast'));
  expect(sendTool).toHaveBeenLastCalledWith(expect.anything(), 1, { do: 'extrude', mm: 50, mm_per_s: 10 });
  await vi.waitFor(() => expect(document.body.textContent).toContain('Sent: 50 mm'));
  expect(button('guide-slow').disabled, 'it is still moving').toBe(true);
  pass(6);
  await vi.waitFor(() => expect(document.body.textContent).toContain('Is the new colour coming'));
  await fireEvent.click(button('guide-slow'));
  expect(sendTool).toHaveBeenLastCalledWith(expect.anything(), 1, { do: 'extrude', mm: 20, mm_per_s: 3 });
  pass(8);
  await vi.waitFor(() => expect(button('guide-yes').disabled).toBe(false));
  await fireEvent.click(button('guide-yes'));
  await fireEvent.click(button('guide-close'));
  await vi.waitFor(() => expect(setTemperature).toHaveBeenLastCalledWith(1, 'tool0', 0));
  expect(screen.queryByTestId('filament-guide')).toBeNull();
});

test('unloading melts the tip before it pulls, and only once', async () => {
  const { pass } = await heated('unload');
  await fireEvent.click(button('guide-pull'));
  await vi.waitFor(() => expect(sendTool).toHaveBeenCalledTimes(2));
  const moves = sendTool.mock.calls.map((call) => (call[2] as { mm: number }).mm);
  expect(moves).toEqual([8, -80]);
  pass(10);
  await vi.waitFor(() => expect(button('guide-pull').disabled).toBe(false));
  await fireEvent.click(button('guide-pull'));
  await vi.waitFor(() => expect(sendTool).toHaveBeenCalledTimes(3));
  expect((sendTool.mock.calls[2]?.[2] as { mm: number }).mm).toBe(-80);
});

test('it can be kept hot for a print', async () => {
  const { setTemperature, pass } = await heated('load');
  await fireEvent.click(button('guide-fast'));
  await vi.waitFor(() => expect(document.body.textContent).toContain('Sent: 50 mm'));
  pass(10);
  await vi.waitFor(() => expect(button('guide-yes').disabled).toBe(false));
  await fireEvent.click(button('guide-yes'));
  await fireEvent.click(button('guide-keep'));
  expect(setTemperature).toHaveBeenCalledTimes(1);
});

test.each(['guide-cancel', 'Escape'])('%s sets the nozzle as it was, at any step', async (how) => {
  const { setTemperature, tell } = open(at('paused', 150, 140));
  await fireEvent.click(button('filament-load'));
  await vi.waitFor(() => expect(button('guide-start').textContent).toContain('205°'));
  await fireEvent.click(button('guide-start'));
  await tell(at('paused', 160, 205));
  if (how === 'Escape') await fireEvent.keyDown(screen.getByTestId('filament-guide'), { key: 'Escape' });
  else await fireEvent.click(button(how));
  await vi.waitFor(() => expect(setTemperature).toHaveBeenLastCalledWith(1, 'tool0', 140));
});

test('it is refused while it prints, and lets go of a print that goes on, whose heat it leaves alone', async () => {
  open(at('printing', 205, 205));
  expect(button('filament-load').disabled).toBe(true);
  expect(button('filament-unload').disabled).toBe(true);
  cleanup();
  const { setTemperature, tell } = await heated('load', 'paused');
  const before = setTemperature.mock.calls.length;
  await tell(at('printing', 204, 205));
  await vi.waitFor(() => expect(screen.queryByTestId('filament-guide')).toBeNull());
  expect(setTemperature).toHaveBeenCalledTimes(before);
});

test('a nozzle that was set otherwise meanwhile feeds nothing until it is heated again', async () => {
  const { setTemperature, tell } = await heated('load');
  await tell(at('idle', 203, 0));
  expect(button('guide-fast').disabled).toBe(true);
  expect(screen.getByTestId('guide-other').textContent).toContain('does not tell that it heats to 205°');
  await fireEvent.click(screen.getByText('Heat again'));
  await vi.waitFor(() => expect(setTemperature).toHaveBeenCalledTimes(2));
});

test('what the core refuses is not counted as fed', async () => {
  await heated('load');
  sendTool.mockRejectedValueOnce(new Error('gone'));
  await fireEvent.click(button('guide-fast'));
  await vi.waitFor(() => expect(sendTool).toHaveBeenCalledOnce());
  expect(button('guide-yes').disabled).toBe(true);
});
