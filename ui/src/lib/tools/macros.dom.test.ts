// Macros: in a person's order, by keys and by dragging; coloured; and some ask before they run. The guided ones.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Macro } from '$lib/bindings/Macro';
import type { App } from '$lib/state/app.svelte';
import { shown } from '../../test/printers';
import WithApp from '../../test/WithApp.svelte';
import Macros from './Macros.svelte';
import { moved } from './macros';
import { newSteps, readPid } from './pid';
import { Work } from './work.svelte';

const api = vi.hoisted(() => ({
  macros: vi.fn(),
  addMacro: vi.fn(),
  changeMacro: vi.fn(),
  removeMacro: vi.fn(),
  sendTool: vi.fn(),
  terminal: vi.fn(),
  presets: vi.fn(),
}));
vi.mock('$lib/api/tools', () => api);
const AT = '2026-01-05T09:00:00Z';
const macro = (id: number, name: string, position: number, more: Partial<Macro> = {}): Macro => ({
  id,
  printer: 1,
  name,
  body: `M117 ${name}`,
  position,
  colour: null,
  confirm: false,
  created_at: AT,
  updated_at: AT,
  ...more,
});
let kept: Macro[];
beforeEach(() => {
  kept = [
    macro(1, 'Park', 0),
    macro(2, 'Purge', 1, { colour: 'teal', confirm: true }),
    macro(3, 'Lights', 2),
  ];
  for (const one of Object.values(api)) one.mockReset();
  api.macros.mockImplementation(() => Promise.resolve([...kept].sort((a, b) => a.position - b.position)));
  api.changeMacro.mockImplementation((_client: unknown, id: number, change: Partial<Macro>) => {
    kept = kept.map((one) => (one.id === id ? { ...one, ...change } : one));
    return Promise.resolve({});
  });
  api.addMacro.mockResolvedValue({});
  api.sendTool.mockResolvedValue({ printer: {} });
});
afterEach(cleanup);

async function open() {
  const app = {
    client: {},
    show: vi.fn(),
    printers: [],
    toasts: { error: vi.fn() },
    attempt: <T>(what: Promise<T>) => what.catch(() => null),
    ask: (what: Promise<unknown>) => what.then(() => true),
  } as unknown as App;
  const printer = shown('idle');
  const given = { printer, work: new Work(app, () => 1) };
  render(WithApp, { props: { app, of: Macros as never, given } });
  await vi.waitFor(() => expect(screen.getAllByTestId('macro-run')).toHaveLength(3));
}
const names = () => screen.getAllByTestId('macro-run').map((button) => button.textContent?.trim());
const ran = () => api.sendTool.mock.calls.map((call) => (call[2] as { name?: string }).name);

test('the arrow keys on its handle move a macro, and the focus goes with it', async () => {
  await open();
  expect(names()).toEqual(['Park', 'Purge …', 'Lights']);
  const handle = screen.getByTestId('macro-place-3');
  handle.focus();
  await fireEvent.keyDown(handle, { key: 'ArrowUp' });
  await vi.waitFor(() => expect(names()).toEqual(['Park', 'Lights', 'Purge …']));
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('macro-place-3')));
  await vi.waitFor(() =>
    expect(kept.map(({ id, position }) => [id, position])).toEqual([
      [1, 0],
      [2, 2],
      [3, 1],
    ]),
  );
  api.changeMacro.mockClear();
  await fireEvent.keyDown(screen.getByTestId('macro-place-1'), { key: 'ArrowUp' });
  expect(api.changeMacro, 'there is nothing above the first').not.toHaveBeenCalled();
});

test('it goes where it is dropped', async () => {
  await open();
  await fireEvent.dragStart(screen.getByTestId('macro-1'));
  await fireEvent.drop(screen.getByTestId('macro-3'));
  await vi.waitFor(() => expect(names()).toEqual(['Purge …', 'Lights', 'Park']));
});

test('one that asks runs only after a yes; the others at once', async () => {
  await open();
  const [park, purge] = screen.getAllByTestId('macro-run');
  await fireEvent.click(purge as HTMLElement);
  expect(ran()).toEqual([]);
  await fireEvent.click(screen.getByTestId('ask-no'));
  expect(ran()).toEqual([]);
  await fireEvent.click(purge as HTMLElement);
  await fireEvent.click(screen.getByTestId('ask-yes'));
  await vi.waitFor(() => expect(ran()).toEqual(['Purge']));
  await fireEvent.click(park as HTMLElement);
  await vi.waitFor(() => expect(ran()).toEqual(['Purge', 'Park']));
});

test('a new one comes last, with its colour and its question', async () => {
  await open();
  await fireEvent.click(screen.getByTestId('macro-new'));
  await fireEvent.input(screen.getByTestId('macro-name'), { target: { value: 'Nozzle up' } });
  await fireEvent.input(screen.getByTestId('macro-body'), { target: { value: 'G1 Z50' } });
  await fireEvent.click(screen.getByTestId('macro-plum'));
  await fireEvent.click(screen.getByTestId('macro-confirm'));
  await fireEvent.click(screen.getByTestId('macro-save'));
  const made = { printer: 1, name: 'Nozzle up', body: 'G1 Z50', colour: 'plum', confirm: true, position: 3 };
  await vi.waitFor(() => expect(api.addMacro).toHaveBeenCalledExactlyOnceWith({}, made));
});

test('PID tuning is said to be done only by the firmware’s own words, and saving asks', async () => {
  api.terminal.mockResolvedValue({ lines: [], next: 40, more: false, missed: false });
  await open();
  await fireEvent.click(screen.getByTestId('pid-open'));
  await fireEvent.click(screen.getByTestId('pid-start'));
  await vi.waitFor(() => expect(screen.getByTestId('pid-running')).toBeTruthy());
  const sent = api.sendTool.mock.calls[0]?.[2] as { body: string };
  expect(sent.body).toBe('M303 E0 S205 C8 U1');
  expect(screen.queryByTestId('pid-save')).toBeNull();
  const said = [
    'Kp: 20.11 Ki: 1.50 Kd: 60.0',
    'Kp: 22.20 Ki: 1.08 Kd: 114.00',
    'PID Autotune finished! Put …',
  ];
  const lines = said.map((text, at) => ({ seq: 41 + at, t: 0, direction: 'received', text }));
  api.terminal.mockResolvedValue({ lines, next: 43, more: false, missed: false });
  await vi.waitFor(
    () => expect(screen.getByTestId('pid-done').textContent).toContain('P 22.2, I 1.08, D 114'),
    {
      timeout: 8000,
    },
  );
  await fireEvent.click(screen.getByTestId('pid-save'));
  const save = api.sendTool.mock.calls.at(-1)?.[2] as { body: string; sure: string };
  expect([save.body, save.sure]).toEqual(['M500', 'ask']);
});

test('what the firmware says of a heater test', () => {
  const heard = (...texts: string[]) =>
    readPid(texts.map((text) => ({ direction: 'received' as const, text })));
  expect(heard('PID Autotune start', 'Kp: 1 Ki: 2 Kd: 3').state).toBe('running');
  expect(heard('PID Autotune finished!').state, 'without a value there is none').toBe('running');
  expect(heard('PID Autotune failed! Temperature too high')).toMatchObject({ state: 'failed' });
  expect(heard('echo:Unknown command: "M303 E0"')).toMatchObject({ state: 'failed' });
  expect(readPid([{ direction: 'sent', text: 'M117 PID Autotune finished! Kp: 1 Ki: 1 Kd: 1' }]).state).toBe(
    'running',
  );
});

test('steps follow from what was fed, and a list from what was moved', () => {
  expect(newSteps(93, 100, 95)).toBe(97.89);
  expect(newSteps(93, 100, 100)).toBe(93);
  expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
  expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
});
