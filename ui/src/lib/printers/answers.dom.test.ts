// The answers to an alert, pressed as a person in a hurry presses them.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AlertView } from '$lib/bindings/AlertView';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { App } from '$lib/state/app.svelte';
import { Toasts } from '$lib/state/toasts.svelte';
import WithApp from '../../test/WithApp.svelte';
import Answers from './Answers.svelte';
import { LOCK_MS } from './answers';

const can = { resume: true, pause: true, cancel: true };
const printer = {
  id: 1,
  current_print: { id: 5, alert_muted_at: null },
  vigil: { can, bed_off_at: null, watch_settings: { rearm_after_not_failed: true } },
} as unknown as PrinterView;
const alert = (part: Partial<AlertView>): AlertView => ({ paused: false, frame: 1, ...part }) as AlertView;

function app() {
  const client = { cancel: vi.fn(), pause: vi.fn(), resume: vi.fn(), acknowledge: vi.fn(), mute: vi.fn() };
  const fake = { client, ask: vi.fn(() => Promise.resolve(true)), toasts: new Toasts() };
  return { client, app: fake as unknown as App };
}
const show = (of: App, shown: AlertView) =>
  render(WithApp, { props: { app: of, of: Answers as never, given: { printer, alert: shown } } });
const press = (key: string) => fireEvent.keyDown(window, { key });
const wait = async (ms: number) => {
  vi.advanceTimersByTime(ms);
  await tick();
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe('the answers to an alert', () => {
  test('a card that has just come takes no key and no click', async () => {
    const { client, app: of } = app();
    show(of, alert({}));
    await tick();
    await press('2');
    await fireEvent.click(screen.getByTestId('answer-pause'));
    expect(client.acknowledge).not.toHaveBeenCalled();
    expect(client.pause).not.toHaveBeenCalled();
    await wait(LOCK_MS + 10);
    await press('2');
    expect(client.acknowledge).toHaveBeenCalledWith(1, 'NOT_FAILED');
  });

  test('when amber turns red, the key on its way does nothing', async () => {
    const { client, app: of } = app();
    const { rerender } = show(of, alert({}));
    await wait(LOCK_MS + 10);
    await rerender({ given: { printer, alert: alert({ paused: true }) } });
    await press('3');
    await press('2');
    expect(client.resume).not.toHaveBeenCalled();
    expect(client.acknowledge).not.toHaveBeenCalled();
    await wait(LOCK_MS + 10);
    await press('2');
    expect(client.resume).toHaveBeenCalledWith(1);
  });

  test.each([false, true])('1 is a failure and asks before it cancels (paused: %s)', async (paused) => {
    const { client, app: of } = app();
    show(of, alert({ paused }));
    await wait(LOCK_MS + 10);
    await press('1');
    await tick();
    expect(client.cancel).not.toHaveBeenCalled();
    expect(document.activeElement, 'the harmless answer is in focus').toBe(screen.getByTestId('ask-no'));
    // Keys of the card below do nothing while it asks.
    await press('2');
    expect(client.resume).not.toHaveBeenCalled();
    expect(client.acknowledge).not.toHaveBeenCalled();
    await fireEvent.click(screen.getByTestId('ask-yes'));
    expect(client.cancel).toHaveBeenCalledWith(1);
  });

  test('the focus starts on the answer that is safe', async () => {
    const { app: of } = app();
    show(of, alert({ paused: true }));
    await tick();
    expect(document.activeElement).toBe(screen.getByTestId('answer-keep'));
  });
});
