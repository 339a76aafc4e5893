import { expect, test } from 'vitest';
import type { NoticeDelivery } from '$lib/bindings/NoticeDelivery';
import type { NotificationSettingView } from '$lib/bindings/NotificationSettingView';
import { deliveryLine, settingLine } from './words';

const one: NoticeDelivery = {
  id: 1,
  setting: 1,
  service: 'ntfy',
  printer: 1,
  topic: 'failure',
  title: 'Paused',
  text: '',
  created_at: '2026-11-30T12:00:00Z',
  state: 'sent',
  attempts: 1,
  next_at: null,
  answer: '200',
};

test('a delivery says how it stands, and why', () => {
  const now = Date.parse('2026-11-30T12:01:00Z') / 1000;
  expect(deliveryLine(one, now)).toBe('sent');
  expect(deliveryLine({ ...one, attempts: 3 }, now)).toBe('sent after 3 tries');
  const waiting = {
    ...one,
    state: 'waiting',
    attempts: 2,
    next_at: '2026-11-30T12:06:00Z',
    answer: '503',
  } as const;
  expect(deliveryLine(waiting, now)).toBe('not sent yet after 2 tries, tried again in 5 min: 503');
  expect(deliveryLine({ ...one, state: 'refused', answer: '401: no' }, now)).toBe('refused: 401: no');
  expect(deliveryLine({ ...one, state: 'quiet', attempts: 0, answer: 'quiet hours' }, now)).toBe(
    'not sent: quiet hours',
  );
});

test('a service says what it is told', () => {
  const setting: NotificationSettingView = {
    id: 1,
    name: 'ntfy',
    config: {},
    enabled: true,
    notify_on_failure_alert: true,
    notify_on_print_done: true,
    notify_on_filament_change: false,
    notify_on_print_cancelled: false,
    notify_on_heater_status: false,
    notify_on_print_start: false,
    notify_on_print_pause: false,
    notify_on_print_resume: false,
    secrets_set: [],
  };
  expect(settingLine(setting)).toBe('failures and trouble, a print is finished');
  expect(settingLine({ ...setting, enabled: false })).toBe('Switched off');
  const none = { ...setting, notify_on_failure_alert: false, notify_on_print_done: false };
  expect(settingLine(none)).toContain('Nothing is sent');
});
