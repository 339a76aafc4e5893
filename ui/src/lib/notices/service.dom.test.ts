// A service is set up, tried and changed; a secret that is kept is not sent again.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { NotificationService } from '$lib/bindings/NotificationService';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import ServiceDialog from './ServiceDialog.svelte';

afterEach(cleanup);

const service: NotificationService = {
  name: 'ntfy',
  label: 'ntfy',
  help: 'Subscribe to a topic.',
  fields: [
    { name: 'topic', label: 'Topic', hint: 'such as a', secret: true, required: true, choices: [] },
    {
      name: 'server',
      label: 'Server',
      hint: 'empty: https://ntfy.sh',
      secret: false,
      required: false,
      choices: [],
    },
  ],
};
const set = {
  id: 5,
  name: 'ntfy',
  config: { server: 'http://n', quiet_from: '22:00', quiet_to: '07:00' },
  enabled: true,
  notify_on_failure_alert: true,
  notify_on_print_done: false,
  notify_on_filament_change: true,
  notify_on_print_cancelled: false,
  notify_on_heater_status: false,
  notify_on_print_start: false,
  notify_on_print_pause: false,
  notify_on_print_resume: false,
  secrets_set: ['topic'],
};

function open(setting: typeof set | null) {
  const post = vi.fn((path: string) =>
    Promise.resolve(path.endsWith('send_test_message/') ? { sent: false, answer: '403: forbidden' } : set),
  );
  const patch = vi.fn(() => Promise.resolve(set));
  const attempt = (work: Promise<unknown>) => work;
  const app = { client: { http: { post, patch } }, attempt } as unknown as App;
  const [onchanged, onclose] = [vi.fn(), vi.fn()];
  const given = { service, setting, printers: [], onchanged, onclose };
  render(WithApp, { props: { app, of: ServiceDialog as never, given } });
  return { post, patch, onchanged, onclose };
}

test('it is saved once all that it needs is entered, and its answer to a test is shown', async () => {
  const { post, onchanged } = open(null);
  const save = screen.getByTestId<HTMLButtonElement>('service-save');
  expect(save.disabled).toBe(true);
  await fireEvent.input(screen.getByTestId('service-topic'), { target: { value: ' my-topic ' } });
  expect(save.disabled).toBe(false);
  await fireEvent.click(screen.getByTestId('service-test'));
  await vi.waitFor(() =>
    expect(screen.getByTestId('service-answer').textContent).toContain('403: forbidden'),
  );
  expect(screen.getByTestId('service-answer').textContent).toContain('It was not taken.');
  expect(post).toHaveBeenCalledWith(
    'notification_settings/',
    expect.objectContaining({ name: 'ntfy', config: { topic: 'my-topic' }, notify_on_failure_alert: true }),
  );
  expect(onchanged).toHaveBeenCalled();
});

test('a change leaves the kept secret alone and keeps the quiet hours', async () => {
  const { patch, onclose } = open(set);
  expect(screen.getByTestId<HTMLInputElement>('service-topic').placeholder).toBe('kept, not shown');
  await fireEvent.click(screen.getByTestId('service-save'));
  await vi.waitFor(() => expect(onclose).toHaveBeenCalled());
  expect(patch).toHaveBeenCalledWith(
    'notification_settings/5/',
    expect.objectContaining({
      config: { server: 'http://n', quiet_from: '22:00', quiet_to: '07:00' },
      notify_on_print_done: false,
    }),
  );
});
