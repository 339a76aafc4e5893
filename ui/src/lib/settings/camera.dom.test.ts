// Another address of a camera holds once it gives a picture; its kept password is used and never shown.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { ApiError } from '$lib/api/errors';
import type { Camera } from '$lib/bindings/Camera';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import CameraAddress from './CameraAddress.svelte';

afterEach(cleanup);

const URL = 'http://192.168.1.20/snapshot.jpg';

function open(picture: Promise<void>, hasPassword = true) {
  const tryCamera = vi.fn(() => picture);
  const patchCamera = vi.fn(() => Promise.resolve());
  const app = { client: { tryCamera, patchCamera } } as unknown as App;
  const camera: Camera = {
    id: 3,
    name: 'Bench',
    source: { kind: 'snapshot', url: URL },
    rotation: 0,
    flip_h: false,
    flip_v: false,
  };
  const [onchange, onrefused] = [vi.fn(), vi.fn()];
  render(WithApp, {
    props: { app, of: CameraAddress as never, given: { camera, hasPassword, onchange, onrefused } },
  });
  return { tryCamera, patchCamera, onchange, onrefused };
}

test('the address is tried as that of its camera, then kept', async () => {
  const { tryCamera, patchCamera, onchange } = open(Promise.resolve());
  expect(document.body.textContent).toContain('A name and password are kept for this address');
  const input = screen.getByTestId<HTMLInputElement>('camera-address');
  expect(input.value).toBe(URL);
  await fireEvent.input(input, { target: { value: 'http://192.168.1.21/stream' } });
  await fireEvent.click(screen.getByTestId('camera-address-add'));
  const source = { kind: 'mjpeg', url: 'http://192.168.1.21/stream' };
  await vi.waitFor(() => expect(onchange).toHaveBeenCalled());
  expect(tryCamera).toHaveBeenCalledWith(source, 3);
  expect(patchCamera).toHaveBeenCalledWith(3, { source });
});

test('one that gives no picture changes nothing and is said', async () => {
  const refused = new ApiError(503, 'camera', 'it refuses', 'Check the address.');
  const { patchCamera, onrefused } = open(Promise.reject(refused), false);
  expect(document.body.textContent).not.toContain('A name and password are kept');
  await fireEvent.click(screen.getByTestId('camera-address-add'));
  const words = 'It refuses. Check the address.';
  await vi.waitFor(() => expect(onrefused).toHaveBeenLastCalledWith({ words, accept: null }));
  expect(patchCamera).not.toHaveBeenCalled();
});

test('name and password are typed beside the address, and a stream by RTSP needs no choice', async () => {
  const { tryCamera } = open(Promise.resolve(), false);
  const type = (id: string, value: string) => fireEvent.input(screen.getByTestId(id), { target: { value } });
  await type('camera-address', 'rtsp://192.168.1.21/live');
  expect(screen.queryByText('Snapshot')).toBeNull();
  await type('camera-address-password', 'p@ss');
  await fireEvent.click(screen.getByTestId('camera-address-add'));
  expect(document.body.textContent).toContain('A password goes with a name');
  expect(tryCamera).not.toHaveBeenCalled();
  await type('camera-address-name', 'me');
  await fireEvent.click(screen.getByTestId('camera-address-add'));
  const source = { kind: 'rtsp', url: 'rtsp://me:p%40ss@192.168.1.21/live' };
  await vi.waitFor(() => expect(tryCamera).toHaveBeenCalledWith(source, 3));
});
