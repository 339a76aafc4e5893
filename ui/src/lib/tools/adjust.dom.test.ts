// The card for what may change while it prints: the nozzle's height with its saving, and one object that is left out.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Tools } from '$lib/bindings/Tools';
import { ApiError } from '$lib/api/errors';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import { tools } from '../../../dev/tools.mjs';
import AdjustCard from './AdjustCard.svelte';
import { bedOf, zSaveText } from './words';

const { sendTool } = vi.hoisted(() => ({ sendTool: vi.fn() }));
vi.mock('$lib/api/tools', () => ({ sendTool }));
class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal('ResizeObserver', Observer);
beforeEach(() => sendTool.mockReset());
afterEach(cleanup);

function open(state: string, told: Partial<Tools> = {}) {
  const all: Tools = { ...tools('printing'), ...told };
  const printer = {
    id: 1,
    current_print: state === 'operational' ? null : { id: 7 },
    vigil: { tools: all, state, can: { heat: true } },
  };
  const app = { client: {}, show: vi.fn(), toasts: { error: vi.fn() } } as unknown as App;
  render(WithApp, { props: { app, of: AdjustCard as never, given: { printer } } });
}
const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);

test('a shift is saved at rest, after a question, and never during a print', async () => {
  open('printing', { baby_mm: -0.04 });
  expect(button('save-z').disabled).toBe(true);
  expect(screen.getByTestId('save-z-text').textContent).toContain('when the print has ended');
  cleanup();
  open('operational', { baby_mm: -0.04 });
  sendTool.mockRejectedValueOnce(
    new ApiError(409, 'confirm', 'the shift becomes its own', 'It homes anyway.'),
  );
  await fireEvent.click(button('save-z'));
  expect(sendTool).toHaveBeenLastCalledWith({}, 1, { do: 'save_z', sure: 'ask' });
  sendTool.mockResolvedValueOnce({ printer: {} });
  await fireEvent.click(await screen.findByTestId('ask-yes'));
  expect(sendTool).toHaveBeenLastCalledWith({}, 1, { do: 'save_z', sure: 'yes' });
});

test('what was saved is told as the printer confirmed it, and why it was not', () => {
  const z = tools('printing').z_offset;
  const told = (offset: Partial<typeof z>, baby_mm = 0) =>
    zSaveText({ ...tools('printing'), baby_mm, z_offset: { ...z, ...offset } }, true);
  expect(told({ save: { state: 'saved', keeper: 'probe', mm: -1.99 } })).toContain(
    '−1.99 mm as its probe offset',
  );
  expect(told({ save: { state: 'failed', why: 'it did not say that it stored it' } })).toBe(
    'Not saved: it did not say that it stored it.',
  );
  expect(told({ cannot_save: 'no EEPROM' }, 0.02)).toContain('no EEPROM');
  expect(told({ holds: false }, 0.02)).toContain('not in force');
});

test('a printer that cannot keep it offers no saving', () => {
  const z_offset = { ...tools('printing').z_offset, cannot_save: 'it stores nothing' };
  open('operational', { baby_mm: -0.04, z_offset });
  expect(button('save-z').disabled).toBe(true);
  expect(screen.getByTestId('save-z-text').textContent).toContain('it stores nothing');
});

test('one object is picked by its name and left out after a question', async () => {
  open('printing');
  await fireEvent.click(button('objects'));
  expect(screen.getByTestId('object-0').textContent).toContain('being printed');
  expect(screen.queryByTestId('cancel-object-1')).toBeNull();
  sendTool.mockRejectedValueOnce(new ApiError(409, 'confirm', 'Hook is left out', ''));
  await fireEvent.click(button('cancel-object-2'));
  expect(sendTool).toHaveBeenLastCalledWith({}, 1, { do: 'cancel_object', object: 2, sure: 'ask' });
  sendTool.mockResolvedValueOnce({ printer: {} });
  await fireEvent.click(await screen.findByTestId('ask-yes'));
  expect(sendTool).toHaveBeenLastCalledWith({}, 1, { do: 'cancel_object', object: 2, sure: 'yes' });
});

test('a file that cannot be cut says why, and one with a single object offers nothing', async () => {
  open('printing', { objects_unfit: 'line 3 of the file has "T1" within an object' });
  await fireEvent.click(button('objects'));
  expect(screen.getByTestId('objects-unfit').textContent).toContain('line 3');
  expect(button('cancel-object-0').disabled).toBe(true);
  cleanup();
  open('printing', { objects: tools('printing').objects.slice(0, 1) });
  expect(screen.queryByTestId('objects')).toBeNull();
});

test('the plan holds the bed and what lies beyond it', () => {
  const { objects, area } = tools('printing');
  expect(bedOf(objects, area)).toEqual({ min: [0, 0], max: [220, 220] });
  expect(bedOf(objects, null)).toEqual({ min: [20, 30], max: [160, 170] });
  expect(bedOf([], null)).toEqual({ min: [0, 0], max: [1, 1] });
});
