// The card of an alert: the picture that decided, the live one on request, and why.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { AlertView } from '$lib/bindings/AlertView';
import type { Role } from '$lib/bindings/Role';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import { shown } from '../../test/printers';
import AlertCard from './AlertCard.svelte';

class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal('ResizeObserver', Observer);
afterEach(cleanup);

function open(state: 'alert' | 'warned', role: Role = 'owner') {
  const never = () => new Promise<never>(() => undefined);
  const media = vi.fn((path: string) => Promise.resolve(`http://core${path}`));
  const client = { media, tickets: { take: vi.fn(never) }, http: { picture: never } };
  const order = ['view', 'operate', 'owner'];
  const may = (least: Role) => order.indexOf(role) >= order.indexOf(least);
  const app = { client, connected: true, may } as unknown as App;
  const printer = shown(state);
  const alert = printer.vigil.alert as AlertView;
  render(WithApp, { props: { app, of: AlertCard as never, given: { printer, alert } } });
  return { alert, take: client.tickets.take, media };
}
const text = () => screen.getByTestId('alert-card').textContent ?? '';

test('the picture that decided is shown with its time, and read out at once', async () => {
  const { alert, media } = open('alert');
  expect(screen.getByTestId('alert-card').getAttribute('role')).toBe('alert');
  expect(text()).toContain('Possible failure');
  expect(text()).toContain('Picture from');
  expect(text()).not.toContain('The print goes on.');
  await vi.waitFor(() => expect(screen.getByRole('img').getAttribute('src')).toContain(alert.img_url));
  expect(media).toHaveBeenCalledWith(alert.img_url);
});

test('an alert that did not pause says that the print goes on', () => {
  open('warned');
  expect(text()).toContain('The print goes on.');
});

test('the live picture takes its place by a click or a letter, and only there says that it is live', async () => {
  const { take } = open('alert');
  expect(take).not.toHaveBeenCalled();
  await fireEvent.click(screen.getByTestId('show-live'));
  expect(take).toHaveBeenCalled();
  expect(text()).not.toContain('Picture from');
  expect(text(), 'no picture has come yet').toContain('No picture');
  await fireEvent.keyDown(window, { key: 'l' });
  expect(text()).toContain('Picture from');
  await fireEvent.keyDown(window, { key: 'l', ctrlKey: true });
  await fireEvent.keyDown(window, { key: 'l', repeat: true });
  expect(text(), 'neither a shortcut of the browser nor a key held down').toContain('Picture from');
});

test.each([
  ['owner', true],
  ['operate', false],
] as const)('%s may ignore the spot: %s', (role, may) => {
  open('alert', role);
  expect(screen.queryByTestId('ignore-spot-open') !== null).toBe(may);
});
