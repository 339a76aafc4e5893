// Another name for a paired device: kept when it was taken, else it stays open.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { NetworkGrant } from '$lib/bindings/NetworkGrant';
import GrantRow from './GrantRow.svelte';

afterEach(cleanup);

const grant = {
  id: 4,
  kind: 'device',
  name: 'Android phone',
  role: 'operate',
  created_at: '2026-11-20T10:00:00Z',
  seen_at: null,
  printer: null,
  ends_at: null,
  connections: 0,
} as unknown as NetworkGrant;

async function edit(taken: boolean) {
  const onrename = vi.fn(() => Promise.resolve(taken));
  render(GrantRow, { grant, now: 0, onrename, onrevoke: vi.fn() });
  await fireEvent.click(screen.getByTestId('grant-rename'));
  const field = screen.getByTestId<HTMLInputElement>('grant-name');
  expect(field.value).toBe('Android phone');
  expect(document.activeElement).toBe(field);
  return { onrename, field };
}

test('a name is trimmed, sent, and the row is as before', async () => {
  const { onrename, field } = await edit(true);
  await fireEvent.input(field, { target: { value: '  Anna’s phone ' } });
  await fireEvent.click(screen.getByTestId('grant-save'));
  await vi.waitFor(() => expect(screen.queryByTestId('grant-name')).toBeNull());
  expect(onrename).toHaveBeenCalledExactlyOnceWith('Anna’s phone');
});

test('what was refused can be typed again; Escape leaves all as it was', async () => {
  const { onrename, field } = await edit(false);
  await fireEvent.input(field, { target: { value: 'x' } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  await vi.waitFor(() => expect(onrename).toHaveBeenCalledOnce());
  expect(screen.getByTestId('grant-name')).toBe(field);
  await fireEvent.keyDown(field, { key: 'Escape' });
  expect(screen.queryByTestId('grant-name')).toBeNull();
});

test('no name, or the one that it has, sends nothing', async () => {
  const { onrename, field } = await edit(true);
  await fireEvent.input(field, { target: { value: '   ' } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  expect(screen.getByTestId<HTMLButtonElement>('grant-save').disabled).toBe(true);
  await fireEvent.input(field, { target: { value: 'Android phone' } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  await vi.waitFor(() => expect(screen.queryByTestId('grant-name')).toBeNull());
  expect(onrename).not.toHaveBeenCalled();
});
