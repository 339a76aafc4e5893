// A past print on a phone: who may answer is asked, and the film is opened by a ticket.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { PrintView } from '$lib/bindings/PrintView';
import type { Role } from '$lib/bindings/Role';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import PastRow from './PastRow.svelte';
import PhonePrint from './PhonePrint.svelte';

afterEach(cleanup);

const FILM = '/media/prints/5/film.mp4';
const PAST = {
  id: 5,
  filename: 'boat.gcode',
  started_at: '2026-11-20T10:00:00Z',
  ended_at: '2026-11-20T11:00:00Z',
  finished_at: null,
  uploaded_at: null,
  alerted_at: '2026-11-20T10:30:00Z',
  paused_at: null,
  alert_overwrite: null,
  need_alert_overwrite: true,
  print_time: 3600,
  filament_used: 4000,
  video_url: FILM,
  tagged_video_url: null,
  poster_url: null,
  g_code_file: null,
  vigil: {
    ended_by: 'cancelled',
    ended_why: null,
    watched: 0.99,
    demo: false,
    film: { state: 'made', why: null },
  },
} as unknown as PrintView;

function open(role: Role, of: unknown, given: Record<string, unknown>, print = PAST) {
  const client = {
    print: vi.fn(() => Promise.resolve(print)),
    eventsOf: vi.fn(() => Promise.resolve([{ id: 1, event_class: 'INFO', event_title: 'Print started' }])),
    judge: vi.fn(() => Promise.resolve({})),
    media: vi.fn((path: string) =>
      Promise.resolve(`http://core${path}?ticket=${client.media.mock.calls.length}`),
    ),
    tickets: { drop: vi.fn() },
    // Their own words for why a print failed.
    http: { get: vi.fn(() => Promise.resolve([])) },
  };
  const order = ['view', 'operate', 'owner'];
  const app = {
    client,
    may: (least: Role) => order.indexOf(role) >= order.indexOf(least),
    attempt: <T>(what: Promise<T>) => what,
    toasts: { info: vi.fn() },
  } as unknown as App;
  render(WithApp, { props: { app, of: of as never, given } });
  return client;
}
const detail = (role: Role, lost = false) => {
  const onanswer = vi.fn();
  return { onanswer, client: open(role, PhonePrint, { id: 5, lost, onanswer }) };
};
const film = () => vi.waitFor(() => screen.getByTestId<HTMLVideoElement>('film'));

test('who operates is asked whether it was a failure, and the answer is stored and shown', async () => {
  const { client, onanswer } = detail('operate');
  await fireEvent.click(await vi.waitFor(() => screen.getByTestId('verdict-failed')));
  await vi.waitFor(() => expect(onanswer).toHaveBeenCalled());
  expect(client.judge).toHaveBeenCalledWith(5, 'FAILED');
  expect(screen.getByTestId('verdict-word').textContent).toBe('You said: it failed');
  expect(screen.getByTestId('print-result').textContent).toBe('Failed');
});

test('who only looks sees the film and what happened, and is asked nothing', async () => {
  detail('view');
  expect((await film()).src).toContain(FILM);
  expect(document.body.textContent).toContain('Print started');
  expect(screen.queryByTestId('verdict-failed')).toBeNull();
});

test('a ticket that ran out is renewed where the film stopped', async () => {
  const { client } = detail('view');
  const video = await film();
  expect(video.src).toContain('ticket=1');
  video.currentTime = 12;
  await fireEvent.error(video);
  await vi.waitFor(() => expect(video.src).toContain('ticket=2'));
  expect(client.tickets.drop).toHaveBeenCalledWith(FILM);
  video.currentTime = 0;
  await fireEvent(video, new Event('loadedmetadata'));
  expect(video.currentTime).toBe(12);
});

test('while it is not live nothing is read and nothing can be answered', async () => {
  const { client } = detail('operate', true);
  await Promise.resolve();
  expect(client.print).not.toHaveBeenCalled();
  expect(screen.queryByTestId('verdict-failed')).toBeNull();
});

test.each([
  ['operate', true],
  ['view', false],
] as const)('in the list the open question stands for %s: %s', (role, asked) => {
  open(role, PastRow, { print: PAST });
  expect(document.body.textContent?.includes('Was it a failure?')).toBe(asked);
  expect(screen.getByTestId('past-5').getAttribute('href')).toBe('#/history/5');
});
