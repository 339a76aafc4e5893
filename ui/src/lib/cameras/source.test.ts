import { expect, test } from 'vitest';
import { ApiError } from '$lib/api/errors';
import { refusedCamera } from './refused';
import { guessKind, networkSource, urlFault, withLogin } from './source';

test.each([
  ['http://10.0.0.2:8080/?action=stream', 'mjpeg'],
  ['http://10.0.0.2/mjpg/video.mjpg', 'mjpeg'],
  ['https://10.0.0.2:8080/?action=snapshot', 'snapshot'],
  ['http://10.0.0.2/stream/last.jpg', 'snapshot'],
  [' RTSP://10.0.0.2/snapshot.jpg', 'rtsp'],
])('the address %s gives %s', (url, kind) => expect(guessKind(url)).toBe(kind));

test('addresses that cannot be are told apart', () => {
  for (const good of ['http://10.0.0.2/x.jpg', 'https://10.0.0.2/', 'rtsp://10.0.0.2/live'])
    expect(urlFault(good)).toBe('');
  for (const wrong of ['', 'camera', 'rtsps://10.0.0.2/', 'file:///etc/passwd'])
    expect(urlFault(wrong), wrong).not.toBe('');
});

test('a name and a password stand in the address so that the core can tell them from it', () => {
  expect(withLogin('http://cam/a@b', 'me', 'p@ss:/#')).toBe('http://me:p%40ss%3A%2F%23@cam/a@b');
  expect(withLogin('rtsp://old:one@cam:554', 'me', '')).toBe('rtsp://me:@cam:554');
  expect(withLogin('http://cam/x', '', '')).toBe('http://cam/x');
});

test('an accepted certificate goes with its host and no other', () => {
  const before = { kind: 'mjpeg', url: 'https://cam/a', certificate: 'AB' } as const;
  expect(networkSource('snapshot', 'https://me:x@cam/b', before)).toHaveProperty('certificate', 'AB');
  expect(networkSource('snapshot', 'https://other/a', before)).not.toHaveProperty('certificate');
  expect(networkSource('rtsp', 'rtsp://cam/a', before)).toEqual({ kind: 'rtsp', url: 'rtsp://cam/a' });
});

test('a certificate is there to be accepted, and one that has changed is told apart', () => {
  const refusal = new ApiError(503, 'camera_certificate', 'nobody vouches', 'Accept it.', 'AB:CD');
  const source = { kind: 'snapshot', url: 'https://cam/a' } as const;
  const fresh = refusedCamera(refusal, source);
  expect(fresh.accept).toEqual({
    source: { ...source, certificate: 'AB:CD' },
    fingerprint: 'AB:CD',
    another: false,
  });
  expect(refusedCamera(refusal, { ...source, certificate: '12' }).accept?.another).toBe(true);
  expect(refusedCamera(new ApiError(503, 'camera', 'it is gone', ''), source)).toEqual({
    words: 'It is gone.',
    accept: null,
  });
});
