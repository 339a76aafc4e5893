// A value in percent follows the printer, says who told it, and stays in a person's hand while it is dragged.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { Dial as DialView } from '$lib/bindings/Dial';
import Dial from './Dial.svelte';

afterEach(cleanup);

const given = (dial: Partial<DialView>, onset = vi.fn(() => Promise.resolve(true))) => ({
  label: 'Speed',
  testid: 'speed',
  start: 100,
  min: 10,
  max: 300,
  disabled: false,
  onset,
  dial: { percent: null, source: 'unknown' as const, ordered: null, ...dial },
});
const text = (id: string) => screen.getByTestId(id).textContent;
const slider = () => screen.getByTestId<HTMLInputElement>('slide-speed');

test('what is not known is not shown as a number', () => {
  render(Dial, { props: given({}) });
  expect(text('dial-speed')).toBe('–');
  expect(text('dial-source-speed')).toBe('not known');
  expect(slider().valueAsNumber).toBe(100);
});

test('it follows the printer, and says whose word it is', async () => {
  const { rerender } = render(Dial, { props: given({ percent: 90, source: 'here' }) });
  expect(text('dial-source-speed')).toBe('set here');
  await rerender(given({ percent: 65, source: 'printer' }));
  expect(text('dial-speed')).toBe('65 %');
  expect(text('dial-source-speed')).toBe('told by the printer');
  expect(slider().valueAsNumber).toBe(65);
  await rerender(given({ percent: 80, source: 'file' }));
  expect(text('dial-source-speed')).toBe('set by the file');
});

test('what was ordered is shown as not confirmed', () => {
  render(Dial, { props: given({ percent: 100, source: 'printer', ordered: 80 }) });
  expect(text('dial-speed')).toBe('80 %');
  expect(text('dial-source-speed')).toBe('not confirmed yet');
});

test('while a person drags, the printer does not pull it away', async () => {
  let done: (yes: boolean) => void = () => undefined;
  const onset = vi.fn(() => new Promise<boolean>((resolve) => (done = resolve)));
  const { rerender } = render(Dial, { props: given({ percent: 100, source: 'printer' }, onset) });
  await fireEvent.input(slider(), { target: { value: '120' } });
  await rerender(given({ percent: 65, source: 'printer' }, onset));
  expect(text('dial-speed')).toBe('120 %');
  expect(text('dial-source-speed')).toBe('not set yet');
  expect(onset).not.toHaveBeenCalled();
  await fireEvent.change(slider());
  expect(onset).toHaveBeenCalledWith(120);
  done(true);
  await rerender(given({ percent: 120, source: 'here' }, onset));
  expect(text('dial-source-speed')).toBe('set here');
});

test('a value beyond the slider is told as it is', () => {
  render(Dial, { props: given({ percent: 400, source: 'printer' }) });
  expect(text('dial-speed')).toBe('400 %');
  expect(slider().valueAsNumber).toBe(300);
});
