// The small layer on the print page: it grows with the print, once a second, and not while nobody looks.
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Theme } from '$lib/components/theme.svelte';
import type { App } from '$lib/state/app.svelte';
import { Clock } from '../../test/clock.svelte';
import WithApp from '../../test/WithApp.svelte';
import { layersApi, lineIn } from '../../../dev/layers.mjs';
import FollowView from './FollowView.svelte';
import { Follow } from './follow';
import { decode } from './geometry';
import type { Palette } from './paint';

const calls = { strokes: 0, lines: 0 };
const context = {
  setTransform: () => undefined,
  beginPath: () => undefined,
  moveTo: () => undefined,
  lineTo: () => calls.lines++,
  stroke: () => calls.strokes++,
};
const palette = { faint: '#111', of: () => '#222' } as unknown as Palette;
const layer = (at: number) => {
  const bytes = layersApi(`/files/1/layers/${at}/`) as Buffer;
  return decode(new Uint8Array(bytes).buffer);
};
function canvas(): HTMLCanvasElement {
  const made = document.createElement('canvas');
  Object.defineProperties(made, { clientWidth: { value: 200 }, clientHeight: { value: 100 } });
  return made;
}

beforeEach(() => {
  [calls.strokes, calls.lines] = [0, 0];
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      disconnect(): void {}
    },
  );
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(context as never);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test('only what is new is drawn, and where it ends is told', () => {
  const [follow, drawn] = [new Follow(canvas(), palette), layer(117)];
  const draw = (line: number) => follow.draw({ layer: drawn, below: null, bounds: null, line });
  const start = lineIn(118) - 200;
  expect(draw(start), 'nothing of this layer is laid yet').toBeNull();
  const all = calls.lines;
  expect(all, 'all that is laid down stands there, faintly').toBe(
    [...drawn.kinds].filter((kind) => kind !== 0).length,
  );
  const half = draw(start + 200);
  expect(half).not.toBeNull();
  expect(calls.lines - all).toBeLessThan(all);
  const before = calls.lines;
  expect(draw(start + 200), 'the same line again').toEqual(half);
  expect(calls.lines, 'costs nothing').toBe(before);
  draw(start + 210);
  expect(calls.lines - before).toBeLessThanOrEqual(2);
  draw(start + 100);
  expect(calls.lines - before, 'a print that goes back is drawn anew').toBeGreaterThan(all / 2);
});

function open(line: number) {
  const clock = new Clock();
  const bytes = vi.fn((path: string) => {
    const found = layersApi(`/${path}`) as Buffer;
    return Promise.resolve(new Uint8Array(found).buffer);
  });
  const get = vi.fn(() => Promise.resolve(JSON.parse(layersApi('/files/1/layers/') as string) as unknown));
  const app = {
    client: { http: { get, bytes } },
    get now() {
      return clock.now;
    },
  } as unknown as App;
  const draw = vi.spyOn(Follow.prototype, 'draw').mockReturnValue([20, 30]);
  const given = { file: 1, line };
  render(WithApp, { props: { app, theme: new Theme(), of: FollowView as never, given } });
  return { clock, bytes, get, draw };
}

test('it follows the clock, asks for a layer once, and rests while the page is hidden', async () => {
  const { clock, bytes, draw } = open(lineIn(118));
  await vi.waitFor(() => expect(screen.getByTestId('follow-nozzle')).toBeTruthy());
  expect(screen.getByRole('img').getAttribute('aria-label')).toContain('Layer 118 of 190');
  await vi.waitFor(() => expect(bytes).toHaveBeenCalledTimes(2));
  draw.mockClear();
  clock.now++;
  await vi.waitFor(() => expect(draw).toHaveBeenCalledTimes(1));
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  clock.now++;
  await new Promise((done) => setTimeout(done, 20));
  expect(draw).toHaveBeenCalledTimes(1);
  hidden.mockReturnValue(false);
  clock.now++;
  await vi.waitFor(() => expect(draw).toHaveBeenCalledTimes(2));
  expect(bytes, 'the layer and the one below').toHaveBeenCalledTimes(2);
});

test('layers that cannot be read are said, and asked for again by a press', async () => {
  const { bytes, clock } = open(lineIn(118));
  bytes.mockRejectedValue(new Error('The layer came incomplete.'));
  clock.now++;
  await vi.waitFor(() => expect(screen.getByTestId('follow').textContent).toContain('cannot be shown'));
  const asked = bytes.mock.calls.length;
  clock.now++;
  await new Promise((done) => setTimeout(done, 20));
  expect(bytes, 'not every second').toHaveBeenCalledTimes(asked);
  bytes.mockResolvedValue(new Uint8Array(layersApi('/files/1/layers/117/') as Buffer).buffer);
  screen.getByRole('button').click();
  await vi.waitFor(() => expect(screen.getByRole('img')).toBeTruthy());
  clock.now++;
  await vi.waitFor(() => expect(screen.getByTestId('follow-nozzle')).toBeTruthy());
});
