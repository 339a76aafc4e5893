// The card of the print that ended: what it took, what is open, its timelapse, and once more. And the time left by source.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LastPrint } from '$lib/bindings/LastPrint';
import type { PrintView } from '$lib/bindings/PrintView';
import type { App } from '$lib/state/app.svelte';
import { Job } from '$lib/state/job.svelte';
import WithApp from '../../test/WithApp.svelte';
import { shown } from '../../test/printers';
import { print } from '../../../dev/prints.mjs';
import EndedCard from './EndedCard.svelte';
import TimeLeft from './TimeLeft.svelte';

class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal('ResizeObserver', Observer);
beforeEach(() => sessionStorage.clear());
afterEach(cleanup);

const END = '2026-11-29T16:42:00.000000Z';
const ENDED = {
  ended_at: END,
  finished_at: END,
  print_time: 6660,
  filament_used: 22_100,
  vigil: { ended_by: 'finished' as const, film: { state: 'made' as const, why: null } },
};

function open(kept: Partial<PrintView> = {}, last: Partial<LastPrint> = {}) {
  const record: PrintView = { ...print(2, ENDED), ...kept };
  const live: PrintView = { ...record, g_code_file: null, video_url: null };
  const client = {
    http: { get: vi.fn(() => Promise.reject(new Error('no figures'))) },
    print: vi.fn(() => Promise.resolve(record)),
    judge: vi.fn(() => Promise.resolve({})),
    media: (path: string) => Promise.resolve(`http://core${path}`),
  };
  const app = {
    client,
    now: 0,
    price: { per_kg: 20, currency: '€', diameter_mm: 1.75, density: 1.24 },
    attempt: <T>(what: Promise<T>) => what.catch(() => null),
  } as unknown as App;
  const job = new Job(app);
  const onclose = vi.fn();
  const given = { last: { print: live, text: 'It took 1 h 51 min.', alert: null, ...last }, onclose };
  render(WithApp, { props: { app, job, of: EndedCard as never, given } });
  return { client, job, onclose };
}
const text = (id: string) => screen.getByTestId(id).textContent?.replace(/\s+/g, ' ') ?? '';

test('it says how it ended, how long it took, what was laid and what that cost', () => {
  open();
  expect(text('ended-word')).toBe('Finished');
  expect(text('ended-facts')).toContain('Took 1 h 51 min');
  expect(text('ended-facts')).toContain('22.10 m, 66 g');
  expect(text('ended-facts')).toContain('Cost 1.32 €');
});

test('one click chooses its file again; the bed is still to be looked at', async () => {
  const { job } = open();
  const again = screen.getByTestId<HTMLButtonElement>('ended-again');
  expect(again.disabled, 'its record has not come yet').toBe(true);
  await vi.waitFor(() => expect(again.disabled).toBe(false));
  const question = document.body.appendChild(document.createElement('button'));
  question.dataset.testid = 'bed-clear';
  await fireEvent.click(again);
  expect(job.file?.id).toBe(2);
  expect(job.bedClear).toBe(false);
  await vi.waitFor(() => expect(document.activeElement, 'the question is in sight').toBe(question));
  question.remove();
});

test('a file that was deleted since is not offered', async () => {
  const gone = { ...print(2, ENDED).g_code_file!, deleted: END };
  open({ g_code_file: gone });
  const again = screen.getByTestId<HTMLButtonElement>('ended-again');
  await vi.waitFor(() => expect(again.title).toBe('The file is no longer in the library'));
  expect(again.disabled).toBe(true);
});

test('its timelapse is offered once it is made; until then it says how that stands', async () => {
  const waiting = { ...ENDED, vigil: { ...ENDED.vigil, film: { state: 'waiting' as const, why: null } } };
  open(print(2, waiting));
  await vi.waitFor(() => expect(text('ended-film')).toBe('Waiting its turn.'));
  cleanup();
  open({ video_url: '/media/prints/2/film.mp4' });
  await vi.waitFor(() => expect(text('ended-card')).toMatch(/Timelapse/));
});

test('it stays until it is put away, and an open alert can be answered on it', async () => {
  const alert = shown('alert').vigil.alert;
  const { client, onclose } = open({}, { alert });
  expect(text('ended-card')).toContain('has no answer: was it a failure?');
  await fireEvent.click(screen.getByTestId('ended-failed'));
  expect(client.judge).toHaveBeenCalledWith(2, 'FAILED');
  expect(onclose).not.toHaveBeenCalled();
  await fireEvent.click(screen.getByTestId('ended-close'));
  expect(onclose).toHaveBeenCalledOnce();
});

test('the time left opens what each source says, and which one is gone by', async () => {
  render(WithApp, {
    props: { app: {} as App, of: TimeLeft as never, given: { printer: shown('printing') } },
  });
  expect(text('time-left')).toContain('41 min left');
  await fireEvent.click(screen.getByTestId('time-left'));
  const rows = [...screen.getByTestId('time-sources').querySelectorAll('tr')].map((row) =>
    row.textContent?.replace(/\s+/g, ' ').trim(),
  );
  expect(rows).toHaveLength(5);
  expect(rows.filter((row) => row?.endsWith('Used'))).toHaveLength(1);
  expect(rows[3]).toContain('Past prints');
  expect(rows[3]).toContain('41 min');
});
