// The set-up: a step is done when it worked, and what did not work is not kept.
import { describe, expect, test, vi } from 'vitest';
import { ApiError } from '$lib/api/errors';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { App } from '$lib/state/app.svelte';
import { Setup } from './setup.svelte';

const camera = { id: 3, name: 'Network camera', source: { kind: 'snapshot', url: 'http://x/' } };
const view = (kind: string) =>
  ({ id: 1, vigil: { kind: 'serial', link: { kind }, camera: null } }) as unknown as PrinterView;

function world(tried: () => Promise<true>) {
  const client = {
    tryCamera: vi.fn(tried),
    addCamera: vi.fn(() => Promise.resolve(camera)),
    addPrinter: vi.fn(() => Promise.resolve(view('opening'))),
    patchPrinter: vi.fn(() => Promise.resolve({})),
  };
  const app = {
    client,
    printers: [] as PrinterView[],
    show: (p: PrinterView) => (app.printers = [p]),
    choose: () => undefined,
    ask: () => Promise.resolve(true),
    attempt: <T>(what: Promise<T>) => what.catch(() => null),
  };
  return { client, setup: new Setup(app as unknown as App), app };
}

describe('a camera by its address', () => {
  test('one that gives no picture is not kept, and the reason is said', async () => {
    const refused = new ApiError(
      503,
      'camera',
      'The camera wants a password (401)',
      'Put it into the address.',
    );
    const { client, setup } = world(() => Promise.reject(refused));
    await setup.useCamera('Network camera', { kind: 'snapshot', url: 'http://x/' });
    expect(client.addCamera).not.toHaveBeenCalled();
    expect(setup.camera).toBeNull();
    expect(setup.cameraRefused?.words).toBe('The camera wants a password (401). Put it into the address.');
    expect(setup.busy).toBe(false);
  });

  test('one that gives a picture is taken', async () => {
    const { setup } = world(() => Promise.resolve(true));
    await setup.useCamera('Network camera', { kind: 'snapshot', url: 'http://x/' });
    expect(setup.camera).toEqual(camera);
    expect(setup.cameraRefused).toBeNull();
  });
});

test('what one picture gave is not said of the next one while that is still looked at', async () => {
  const { setup, client } = world(() => Promise.resolve(true));
  let answer: (result: object) => void = () => undefined;
  const tryDetection = () => new Promise((done) => (answer = done));
  Object.assign(client, { tryDetection });
  const first = setup.try('failing');
  answer({ boxes: [1] });
  await first;
  expect(setup.result).toEqual({ boxes: [1] });
  const second = setup.try('good');
  expect([setup.trial, setup.result]).toEqual(['good', null]);
  answer({ boxes: [] });
  await second;
  expect(setup.result).toEqual({ boxes: [] });
});

test('a port that was only taken is no printer found: the step waits for its answer', async () => {
  const { setup } = world(() => Promise.resolve(true));
  await setup.usePort('/dev/none', 0, 'My printer');
  expect([setup.step, setup.connected]).toEqual([1, false]);
  setup.answered();
  expect(setup.step).toBe(1);
});
