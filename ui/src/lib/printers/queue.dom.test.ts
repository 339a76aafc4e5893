// The queue: in order by buttons and by dragging, and nothing starts without a person's yes about the bed.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { SvelteMap } from 'svelte/reactivity';
import { afterEach, expect, test, vi } from 'vitest';
import type { Finding } from '$lib/api/types';
import type { LastPrint } from '$lib/bindings/LastPrint';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { QueueItem } from '$lib/bindings/QueueItem';
import type { Role } from '$lib/bindings/Role';
import type { App } from '$lib/state/app.svelte';
import AddToQueue from '$lib/files/AddToQueue.svelte';
import While from '../../test/While.svelte';
import WithApp from '../../test/WithApp.svelte';
import { shown } from '../../test/printers';
import { print } from '../../../dev/prints.mjs';
import { item } from '../../../dev/queue.mjs';
import { need } from '../../../dev/spools.mjs';
import BedAsk from './BedAsk.svelte';
import QueueCard from './QueueCard.svelte';

afterEach(cleanup);

const QUEUE: QueueItem[] = [item(1, 2, { copies: 2 }), item(2, 4), item(5, 3, { by: 'slicer' })];

function app(role: Role = 'owner', findings: Finding[] = []) {
  const http = {
    get: vi.fn(() => Promise.resolve([])),
    post: vi.fn(() => Promise.resolve({})),
    patch: vi.fn(() => Promise.resolve({})),
    remove: vi.fn(() => Promise.resolve({})),
    picture: () => new Promise<never>(() => undefined),
  };
  const order: string[] = [];
  const client = {
    http,
    media: (path: string) => Promise.resolve(`http://core${path}`),
    tickets: { take: () => new Promise<never>(() => undefined) },
    preflight: vi.fn(() => Promise.resolve({ findings })),
    seen: vi.fn(() => {
      order.push('seen');
      return Promise.resolve({});
    }),
  };
  const roles = ['view', 'operate', 'owner'];
  const made = {
    client,
    connected: true,
    printer: shown('idle'),
    printers: [shown('idle')],
    toasts: { info: vi.fn() },
    may: (least: Role) => roles.indexOf(role) >= roles.indexOf(least),
    ask: (what: Promise<unknown>) => what.then(() => true),
    attempt: <T>(what: Promise<T>) => what.catch(() => null),
  };
  return { app: made as unknown as App, http, client, order, toasts: made.toasts };
}
function printer(state: string, last: LastPrint | null = null): PrinterView {
  const view = shown(state);
  return {
    ...view,
    vigil: {
      ...view.vigil,
      queue: QUEUE,
      last_print: last,
      can: { ...view.vigil.can, start: state === 'idle' },
    },
  };
}
function card(state: string, role: Role = 'owner') {
  const made = app(role);
  const onstart = vi.fn();
  const given = { printer: printer(state), onstart };
  render(WithApp, { props: { app: made.app, of: QueueCard as never, given } });
  return { ...made, onstart };
}
const yes = () => screen.getByTestId<HTMLButtonElement>('ask-yes');

test('an item for which the spool is too short says so, and can start all the same', async () => {
  const made = app();
  const needs = [{ item: 2, needs: [need({ short: true, left_g: 40, left_mm: 13_400 })] }];
  made.http.get.mockResolvedValue(needs as never);
  const given = { printer: printer('idle'), onstart: vi.fn() };
  render(WithApp, { props: { app: made.app, of: QueueCard as never, given } });
  await vi.waitFor(() =>
    expect(screen.getByTestId('queue-lacks-2').textContent).toContain('40 g (13.40 m) left'),
  );
  expect(screen.queryByTestId('queue-lacks-1')).toBeNull();
  expect(screen.getByTestId<HTMLButtonElement>('queue-start').disabled).toBe(false);
});

test('it shows what waits, how often, and for how long', () => {
  card('idle');
  expect(screen.getByTestId('queue-sum').textContent).toContain('4 prints');
  expect(screen.getByTestId('queue-item-1').textContent).toContain('boat.gcode');
  expect(screen.getByTestId('queue-item-5').textContent).toContain('from the slicer');
});

test('copies and order change by buttons; the ends of the list go no further', async () => {
  const { http } = card('printing');
  await fireEvent.click(screen.getByTestId('queue-more-1'));
  expect(http.patch).toHaveBeenLastCalledWith('vigil/printers/1/queue/1/', { copies: 3 });
  expect(screen.getByTestId<HTMLButtonElement>('queue-less-2').disabled).toBe(true);
  await fireEvent.click(screen.getByTestId('queue-down-1'));
  expect(http.patch).toHaveBeenLastCalledWith('vigil/printers/1/queue/1/', { position: 1 });
  expect(screen.getByTestId<HTMLButtonElement>('queue-up-1').disabled).toBe(true);
  expect(screen.getByTestId<HTMLButtonElement>('queue-down-5').disabled).toBe(true);
  await fireEvent.click(screen.getByTestId('queue-drop-2'));
  expect(http.remove).toHaveBeenCalledWith('vigil/printers/1/queue/2/');
});

test('an item goes where it is dropped', async () => {
  const { http } = card('printing');
  await fireEvent.drop(screen.getByTestId('queue-item-2'));
  expect(http.patch, 'something from elsewhere').not.toHaveBeenCalled();
  await fireEvent.dragStart(screen.getByTestId('queue-item-5'));
  await fireEvent.drop(screen.getByTestId('queue-item-1'));
  expect(http.patch).toHaveBeenCalledExactlyOnceWith('vigil/printers/1/queue/5/', { position: 0 });
});

test('the next one is offered only when the printer is ready, and only asks', async () => {
  card('printing');
  expect(screen.getByTestId<HTMLButtonElement>('queue-start').disabled).toBe(true);
  cleanup();
  const { onstart, http } = card('idle');
  await fireEvent.click(screen.getByTestId('queue-start'));
  expect(onstart).toHaveBeenCalledExactlyOnceWith(1);
  expect(http.post).not.toHaveBeenCalled();
});

test.each(['view', 'operate'] as const)('%s sees the queue and changes nothing', (role) => {
  card('idle', role);
  expect(screen.getByTestId('queue-item-1').textContent).toContain('2×');
  expect(screen.queryByTestId('queue-start')).toBeNull();
  expect(screen.queryByTestId('queue-drop-1')).toBeNull();
});

function bed(state = 'idle', findings: Finding[] = [], last: LastPrint | null = null) {
  const made = app('owner', findings);
  // As the page does: once it is over there is no item to ask about.
  const asked = new SvelteMap([['item', QUEUE[0]]]);
  const onover = vi.fn(() => asked.clear());
  made.http.post.mockImplementation(() => {
    made.order.push('start');
    return Promise.resolve({});
  });
  const given = { of: BedAsk, given: { printer: printer(state, last), onover }, asked };
  render(WithApp, { props: { app: made.app, of: While as never, given } });
  return { ...made, onover };
}

test('it starts after the yes about the bed, with the picture beside it', async () => {
  const { http, client, onover } = bed();
  await vi.waitFor(() => expect(yes().disabled).toBe(false));
  expect(screen.getByTestId('bed-ask').textContent).toContain('boat.gcode');
  expect(screen.getByTestId('bed-ask').querySelector('.live'), 'the live picture').not.toBeNull();
  await fireEvent.click(yes());
  expect(onover).toHaveBeenCalledOnce();
  const said = { bed_clear: true, findings_seen: true };
  await vi.waitFor(() => expect(http.post).toHaveBeenCalledWith('vigil/printers/1/queue/1/start/', said));
  expect(client.seen, 'there is no last print').not.toHaveBeenCalled();
});

test('a no starts nothing', async () => {
  const { http, client, onover } = bed('idle', [], { print: print(3), text: '', alert: null });
  await vi.waitFor(() => expect(yes().disabled).toBe(false));
  await fireEvent.click(screen.getByTestId('ask-no'));
  expect(onover).toHaveBeenCalled();
  expect(http.post).not.toHaveBeenCalled();
  expect(client.seen).not.toHaveBeenCalled();
});

test('the yes puts the last print away before the next one starts', async () => {
  const { order } = bed('idle', [], { print: print(3), text: '', alert: null });
  await vi.waitFor(() => expect(yes().disabled).toBe(false));
  expect(screen.getByTestId('bed-ask').textContent).toContain('is put away by this');
  await fireEvent.click(yes());
  await vi.waitFor(() => expect(order).toEqual(['seen', 'start']));
});

test('what should not be printed needs a second step', async () => {
  const stop: Finding = { code: 'hot', severity: 'stop', what: 'It heats to 420 °C.', do: 'Slice it again.' };
  bed('idle', [stop]);
  await vi.waitFor(() => expect(document.body.textContent).toContain('420 °C'));
  expect(yes().disabled).toBe(true);
  await fireEvent.click(screen.getByTestId('print-anyway'));
  expect(yes().disabled).toBe(false);
});

test('nothing starts while the printer is busy', async () => {
  bed('printing');
  await vi.waitFor(() => expect(document.body.textContent).not.toContain('being checked'));
  expect(yes().disabled).toBe(true);
});

test('a file is added with its copies, and that nothing starts by itself is said', async () => {
  const { app: made, http, toasts } = app();
  const given = { file: 4, name: 'gear.gcode', copies: true };
  render(WithApp, { props: { app: made, of: AddToQueue as never, given } });
  const count = screen.getByTestId<HTMLInputElement>('queue-copies');
  const add = screen.getByTestId<HTMLButtonElement>('add-to-queue');
  await fireEvent.input(count, { target: { value: '0' } });
  expect(add.disabled).toBe(true);
  await fireEvent.input(count, { target: { value: '3' } });
  await fireEvent.click(add);
  expect(http.post).toHaveBeenCalledWith('vigil/printers/1/queue/', { file_id: 4, copies: 3 });
  await vi.waitFor(() =>
    expect(toasts.info.mock.calls[0]?.[0]).toContain('when you say that the bed is clear'),
  );
});
