// What the stand-in tells of services for notices.
const iso = (secs) => new Date(secs * 1000).toISOString();
const field = { hint: '', secret: false, required: false, choices: [] };
/** @type {import('$lib/bindings/NotificationService').NotificationService[]} */
const SERVICES = [
  {
    name: 'ntfy',
    label: 'ntfy',
    help: 'Install the ntfy app on your phone, subscribe to a topic with a name that nobody guesses, and enter it here.',
    fields: [
      {
        ...field,
        name: 'topic',
        label: 'Topic',
        hint: 'such as my-printer-4821',
        secret: true,
        required: true,
      },
      { ...field, name: 'server', label: 'Server', hint: 'empty: https://ntfy.sh' },
      {
        ...field,
        name: 'token',
        label: 'Access token',
        hint: 'only if the server asks for one',
        secret: true,
      },
    ],
  },
  {
    name: 'email',
    label: 'E-mail',
    help: 'Your mail provider names the server for outgoing mail (SMTP).',
    fields: [
      { ...field, name: 'server', label: 'Mail server', hint: 'such as smtp.example.com', required: true },
      {
        ...field,
        name: 'security',
        label: 'Security',
        hint: 'empty: tls',
        choices: ['tls', 'starttls', 'none'],
      },
    ],
  },
];
const t0 = Date.now() / 1000;
/** @type {import('$lib/bindings/NoticeDelivery').NoticeDelivery} */
const SENT = {
  id: 2,
  setting: 2,
  service: 'ntfy',
  printer: 1,
  topic: 'failure',
  title: 'Paused: the print seems to fail',
  text: 'Look at the picture.',
  created_at: iso(t0 - 1800),
  state: 'sent',
  attempts: 2,
  next_at: null,
  answer: '200',
};
/** @type {import('$lib/bindings/NoticeDelivery').NoticeDelivery[]} */
const LOG = [
  {
    ...SENT,
    id: 3,
    title: 'Print finished',
    topic: 'print_done',
    state: 'waiting',
    next_at: iso(t0 + 280),
    answer: 'it could not be reached',
  },
  SENT,
];
/** @type {import('$lib/bindings/NotificationSettingView').NotificationSettingView[]} */
let settings = [];
let next = 2;

/** @returns {unknown} What is answered; undefined: it is none of ours. */
export function noticesApi(path, body, method) {
  if (path === '/api/v1/vigil/notices/log/') return settings.length ? LOG : [];
  const rest = path.split('/api/v1/notification_settings/')[1];
  if (rest === undefined) return undefined;
  if (rest === 'available_plugins/') return { plugins: {}, services: SERVICES };
  if (rest === '' && method === 'GET') return settings;
  const id = rest === '' ? next++ : Number(rest.split('/')[0]);
  if (rest.endsWith('send_test_message/')) return { sent: false, answer: '403: forbidden', status: 'error' };
  if (method === 'DELETE') {
    settings = settings.filter((one) => one.id !== id);
    return {};
  }
  const before = settings.find((one) => one.id === id);
  const { topic, token, ...shown } = body?.config ?? {};
  const set = {
    enabled: true,
    notify_on_failure_alert: true,
    notify_on_print_done: true,
    notify_on_filament_change: true,
    notify_on_print_cancelled: false,
    notify_on_heater_status: false,
    notify_on_print_start: false,
    notify_on_print_pause: false,
    notify_on_print_resume: false,
    name: 'ntfy',
    ...before,
    ...body,
    id,
    config: shown,
    secrets_set: [...(topic ? ['topic'] : (before?.secrets_set ?? [])), ...(token ? ['token'] : [])],
  };
  settings = [...settings.filter((one) => one.id !== id), set];
  return set;
}
