import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import HoldButton from './HoldButton.svelte';

const children = createRawSnippet(() => ({ render: () => '<span>Hold</span>' }));

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function shown(): { button: HTMLElement; onheld: ReturnType<typeof vi.fn> } {
  const onheld = vi.fn();
  render(HoldButton, { children, testid: 'hold', onheld });
  return { button: screen.getByTestId('hold'), onheld };
}

test('it acts once when it was held for a second', async () => {
  const { button, onheld } = shown();
  await fireEvent.pointerDown(button);
  vi.advanceTimersByTime(990);
  expect(onheld).not.toHaveBeenCalled();
  vi.advanceTimersByTime(20);
  expect(onheld).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(5000);
  expect(onheld).toHaveBeenCalledTimes(1);
});

test.each(['pointerUp', 'pointerLeave', 'pointerCancel', 'blur'] as const)(
  'it does nothing after %s before the second is over',
  async (end) => {
    const { button, onheld } = shown();
    await fireEvent.pointerDown(button);
    vi.advanceTimersByTime(600);
    await fireEvent[end](button);
    vi.advanceTimersByTime(5000);
    expect(onheld).not.toHaveBeenCalled();
  },
);

test('a key is held like a thumb, and its repeats are no new press', async () => {
  const { button, onheld } = shown();
  await fireEvent.keyDown(button, { key: 'Enter' });
  vi.advanceTimersByTime(500);
  await fireEvent.keyDown(button, { key: 'Enter', repeat: true });
  vi.advanceTimersByTime(510);
  expect(onheld).toHaveBeenCalledTimes(1);
  await fireEvent.keyUp(button, { key: 'Enter' });
  await fireEvent.keyDown(button, { key: 'Enter' });
  await fireEvent.keyUp(button, { key: 'Enter' });
  vi.advanceTimersByTime(5000);
  expect(onheld).toHaveBeenCalledTimes(1);
});
