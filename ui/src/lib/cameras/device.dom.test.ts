// What a camera of this computer offers, and which of several cameras is shown.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { DeviceControl } from '$lib/bindings/DeviceControl';
import type { DeviceFormat } from '$lib/bindings/DeviceFormat';
import CameraTabs from './CameraTabs.svelte';
import { controlKind, formatFor, rates, sizes } from './device';
import DeviceControls from './DeviceControls.svelte';

afterEach(cleanup);

const format = (width: number, height: number, fps: number): DeviceFormat => ({
  width,
  height,
  fps,
  coding: 'mjpeg',
});
const FORMATS = [format(1280, 720, 30), format(1280, 720, 10), format(640, 480, 30)];

test('sizes and rates are those on offer, and a size takes the rate nearest to the one before', () => {
  expect(sizes(FORMATS)).toEqual(['1280 x 720', '640 x 480']);
  expect(rates(FORMATS, '1280 x 720')).toEqual([30, 10]);
  expect(formatFor(FORMATS, '1280 x 720', 15)).toEqual([1280, 720, 10]);
  expect(formatFor(FORMATS, '640 x 480', 15)).toEqual([640, 480, 30]);
  expect(formatFor(FORMATS, 'Automatic', 15)).toBeNull();
});

const control = (key: string, what: Partial<DeviceControl> = {}): DeviceControl => ({
  key,
  label: key,
  min: 0,
  max: 100,
  step: 5,
  default: 50,
  value: 40,
  inactive: false,
  choices: [],
  ...what,
});

test('a slider sets its value when it is let go; what the camera does by itself is locked', async () => {
  const onset = vi.fn();
  const controls = [
    control('focus'),
    control('white_balance', { inactive: true }),
    control('autofocus', { max: 1, value: 0 }),
  ];
  expect(controls.map(controlKind)).toEqual(['slider', 'slider', 'switch']);
  render(DeviceControls, { props: { controls, onset, onreset: () => undefined } });
  expect(screen.getByTestId<HTMLInputElement>('control-white_balance').disabled).toBe(true);
  await fireEvent.change(screen.getByTestId('control-focus'), { target: { value: '75' } });
  expect(onset).toHaveBeenCalledWith('focus', 75);
  await fireEvent.click(screen.getByRole('checkbox'));
  expect(onset).toHaveBeenLastCalledWith('autofocus', 1);
});

test('of several cameras the watched one is told apart, and another is shown on request', async () => {
  const onshow = vi.fn();
  const others = [{ id: 2, name: 'Side', reason: '' }];
  render(CameraTabs, { props: { watched: { id: 1, name: 'Front' }, others, shown: 1, onshow } });
  const [front, side] = screen.getAllByRole('button');
  expect(front?.getAttribute('aria-pressed')).toBe('true');
  expect(front?.title).toContain('failure detection looks at this picture');
  expect(side?.title).toBe('Side: not watched');
  await fireEvent.click(side!);
  expect(onshow).toHaveBeenCalledWith(2);
});
