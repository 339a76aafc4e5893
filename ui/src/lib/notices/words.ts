import type { DeliveryState } from '$lib/bindings/DeliveryState';
import type { NoticeDelivery } from '$lib/bindings/NoticeDelivery';
import type { NotificationSettingView } from '$lib/bindings/NotificationSettingView';
import { span, unix } from '$lib/format/time';

/** What a person may want to know of, each with its switch. */
export const TOPICS = [
  { key: 'notify_on_failure_alert', text: 'Failures and trouble', hint: 'Also in quiet hours.' },
  { key: 'notify_on_print_done', text: 'A print is finished', hint: '' },
  { key: 'notify_on_filament_change', text: 'Filament has to be changed', hint: '' },
  { key: 'notify_on_print_cancelled', text: 'A print is cancelled', hint: '' },
  { key: 'notify_on_print_start', text: 'A print starts', hint: '' },
  { key: 'notify_on_print_pause', text: 'A print pauses', hint: '' },
  { key: 'notify_on_print_resume', text: 'A print goes on', hint: '' },
  { key: 'notify_on_heater_status', text: 'A heater is hot, or cool again', hint: '' },
] as const;

export type TopicKey = (typeof TOPICS)[number]['key'];

const STATES: Record<DeliveryState, string> = {
  waiting: 'not sent yet',
  sent: 'sent',
  refused: 'refused',
  given_up: 'given up',
  quiet: 'not sent: quiet hours',
};

/** One line about a message that was sent, or was to be. `now`: Unix seconds. */
export function deliveryLine(one: NoticeDelivery, now: number): string {
  const next = unix(one.next_at);
  const tried = one.attempts > 1 ? ` after ${one.attempts} tries` : '';
  const again = next !== null && next > now ? `, tried again in ${span(next - now)}` : '';
  const answer = one.answer && one.state !== 'sent' && one.state !== 'quiet' ? `: ${one.answer}` : '';
  return `${STATES[one.state]}${tried}${again}${answer}`;
}

/** One line about a service: what it is told. */
export function settingLine(setting: NotificationSettingView): string {
  if (!setting.enabled) return 'Switched off';
  const wanted = TOPICS.filter((topic) => setting[topic.key]).map((topic) => topic.text.toLowerCase());
  return wanted.length ? wanted.join(', ') : 'Nothing is sent: no topic is switched on';
}
