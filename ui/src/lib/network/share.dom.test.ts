// Links to one printer: made with an end, shown once, listed, revoked.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import ShareDialog from './ShareDialog.svelte';
import { endsLine } from './words';

afterEach(cleanup);

const link = (id: number, secret: string | null) => ({
  id,
  printer_id: 3,
  share_token: secret,
  url: secret && `/printers/share_token/${secret}/`,
  codes: secret
    ? [{ url: `http://10.0.0.5:7412/printers/share_token/${secret}/`, size: 21, path: 'M0 0h7v7h-7z' }]
    : [],
  name: `Link ${id}`,
  created_at: '2026-11-20T10:00:00Z',
  ends_at: '2126-11-20T10:00:00Z',
});

test('a link is made for the printer that is chosen, shown with its code, and can be revoked', async () => {
  const http = {
    get: vi.fn(() => Promise.resolve([link(1, null)])),
    post: vi.fn(() => Promise.resolve([link(2, 'abc'), link(1, null)])),
    remove: vi.fn(() => Promise.resolve()),
  };
  const printers = [
    { id: 3, name: 'MK3' },
    { id: 4, name: 'Mini' },
  ];
  const app = {
    client: { http },
    printers,
    printer: printers[0],
    now: Date.now(),
    attempt: <T>(what: Promise<T>) => what,
  } as unknown as App;
  const onchanged = vi.fn();
  render(WithApp, { props: { app, of: ShareDialog as never, given: { onchanged, onclose: vi.fn() } } });
  await vi.waitFor(() => expect(screen.getByTestId('share-list').textContent).toContain('Link 1'));
  expect(http.get).toHaveBeenCalledWith('sharedresources/?printer_id=3');
  await fireEvent.input(screen.getByTestId('share-name'), { target: { value: ' Ben ' } });
  await fireEvent.click(screen.getByTestId('share-make'));
  const field = await screen.findByTestId<HTMLInputElement>('share-link');
  expect(field.value).toBe('http://10.0.0.5:7412/printers/share_token/abc/');
  expect(screen.getByTestId('qr')).toBeTruthy();
  expect(http.post).toHaveBeenCalledWith('sharedresources/?printer_id=3', { hours: 24, name: 'Ben' });
  expect(onchanged).toHaveBeenCalledOnce();
  const [newest] = screen.getAllByTestId('share-revoke');
  if (newest) await fireEvent.click(newest);
  await vi.waitFor(() => expect(http.remove).toHaveBeenCalledWith('vigil/network/grants/2/'));
  await vi.waitFor(() =>
    expect(screen.queryByTestId('share-link'), 'it opens nothing any longer').toBeNull(),
  );
});

test('when it ends is said', () => {
  expect(endsLine(null, 0)).toBe('Does not end by itself');
  expect(endsLine(10, 20)).toBe('Has ended');
  expect(endsLine(7200, 0)).toContain('Ends in 2 h 00 min');
});
