// Spools on the page: the question after a change of filament, weighing, a preview before anything of Spoolman comes.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { PrinterView } from '$lib/bindings/PrinterView';
import type { Role } from '$lib/bindings/Role';
import type { App } from '$lib/state/app.svelte';
import WithApp from '../../test/WithApp.svelte';
import { shown } from '../../test/printers';
import { need, spool, SPOOLS } from '../../../dev/spools.mjs';
import LoadedCard from './LoadedCard.svelte';
import NeedNote from './NeedNote.svelte';
import { shelf } from './shelf.svelte';
import SpoolmanSheet from './SpoolmanSheet.svelte';
import SpoolSheet from './SpoolSheet.svelte';
import Weigh from './Weigh.svelte';

afterEach(() => {
  cleanup();
  shelf.list = null;
});

const MATERIALS = [
  { name: 'PLA', density: 1.24, hotend_c: 210, bed_c: 60 },
  { name: 'PETG', density: 1.27, hotend_c: 240, bed_c: 80 },
];

function open(
  of: unknown,
  given: Record<string, unknown>,
  answers: Record<string, unknown> = {},
  role: Role = 'owner',
) {
  const list = { spools: SPOOLS, materials: MATERIALS, low_g: 100 };
  const answer = (path: string) =>
    Promise.resolve(
      Object.entries({ 'vigil/spools/': list, ...answers }).find(([key]) => path === key)?.[1] ?? null,
    );
  const http = {
    get: vi.fn(answer),
    post: vi.fn<(path: string, body?: unknown) => Promise<unknown>>(answer),
    send: vi.fn<(method: string, path: string, body?: unknown, query?: unknown) => Promise<unknown>>(
      (_, path) => answer(path),
    ),
  };
  const roles = ['view', 'operate', 'owner'];
  const app = {
    client: { http },
    now: 0,
    price: { per_kg: 20, currency: '€' },
    printers: [shown('printing')],
    may: (least: Role) => roles.indexOf(role) >= roles.indexOf(least),
    ask: (what: Promise<unknown>) => what.then(() => true),
    attempt: <T>(what: Promise<T>) => what.catch(() => null),
  } as unknown as App;
  render(WithApp, { props: { app, of: of as never, given } });
  return http;
}
function printer(fields: Partial<PrinterView['vigil']>): PrinterView {
  const view = shown('printing');
  return { ...view, vigil: { ...view.vigil, spools: [{ tool: 0, spool: 1 }], spool_asked: null, ...fields } };
}
const text = (id: string) => screen.getByTestId(id).textContent?.replace(/\s+/g, ' ') ?? '';

test('what is loaded is shown with what is left, and chosen anew', async () => {
  const http = open(LoadedCard, { printer: printer({}) });
  await vi.waitFor(() => expect(text('loaded')).toContain('412 g (138.13 m) left'));
  expect(text('loaded')).not.toContain('changed');
  const field = screen.getByTestId<HTMLSelectElement>('spool-0');
  expect(
    [...field.options].map((one) => one.value),
    'what was put away is not offered',
  ).toEqual(['', '1', '2', '3']);
  await fireEvent.change(field, { target: { value: '2' } });
  expect(http.send).toHaveBeenCalledWith('PUT', 'vigil/printers/1/spools/0/', { spool: 2 });
});

test('after a change of filament it asks which spool is in, and the same one is one click', async () => {
  const http = open(LoadedCard, { printer: printer({ spool_asked: 0 }) });
  await vi.waitFor(() => expect(text('loaded')).toContain('Which spool is in now?'));
  await fireEvent.click(await screen.findByTestId('spool-same'));
  expect(http.send).toHaveBeenCalledWith('PUT', 'vigil/printers/1/spools/0/', { spool: 1 });
});

test('who may only look can load nothing', async () => {
  open(LoadedCard, { printer: printer({}) }, {}, 'view');
  await vi.waitFor(() => expect(screen.getByTestId<HTMLSelectElement>('spool-0').disabled).toBe(true));
});

test('too little is said, enough is not', async () => {
  const path = 'vigil/printers/1/spools/need/';
  open(NeedNote, { printer: 1, file: 2 }, { [path]: [need({ short: true, left_g: 40, left_mm: 13_400 })] });
  await vi.waitFor(() => expect(text('need-note')).toContain('66 g (22.10 m) needed, 40 g (13.40 m) left'));
  cleanup();
  const http = open(NeedNote, { printer: 1, file: 2 }, { [path]: [need()] });
  await vi.waitFor(() => expect(http.get).toHaveBeenCalled());
  expect(screen.queryByTestId('need-note')).toBeNull();
});

test('weighing takes the empty spool off, and refuses less than that', async () => {
  const http = open(Weigh, { spool: spool(1), onclose: () => undefined });
  const yes = screen.getByTestId<HTMLButtonElement>('ask-yes');
  expect(yes.disabled).toBe(true);
  await fireEvent.input(screen.getByTestId('weigh-gross'), { target: { value: '200' } });
  expect(text('weigh')).toContain('less than the empty spool');
  expect(yes.disabled).toBe(true);
  await fireEvent.input(screen.getByTestId('weigh-gross'), { target: { value: '6420' } });
  expect(text('weigh-much')).toContain('more than the 1.00 kg of a full one');
  await fireEvent.input(screen.getByTestId('weigh-gross'), { target: { value: '642' } });
  expect(screen.queryByTestId('weigh-much')).toBeNull();
  expect(text('weigh')).toContain('412 g of filament');
  await fireEvent.click(yes);
  expect(http.post).toHaveBeenCalledWith('vigil/spools/1/weigh/', { gross_g: 642 });
});

test('the material fills in what is usual, and leaves a person’s own', async () => {
  const http = open(SpoolSheet, { spool: null, onclose: () => undefined });
  await shelf.load({ client: { http } } as unknown as App);
  const field = (id: string) => screen.getByTestId<HTMLInputElement>(id);
  expect(field('spool-save').disabled).toBe(true);
  await fireEvent.input(field('spool-name'), { target: { value: 'Teal' } });
  await fireEvent.input(field('spool-material'), { target: { value: 'PLA' } });
  expect([field('spool-density').value, field('spool-hotend_c').value]).toEqual(['1.24', '210']);
  await fireEvent.input(field('spool-hotend_c'), { target: { value: '215' } });
  await fireEvent.input(field('spool-material'), { target: { value: 'PETG' } });
  expect([field('spool-density').value, field('spool-hotend_c').value]).toEqual(['1.27', '215']);
  await fireEvent.click(field('spool-save'));
  expect(http.post.mock.calls[0]?.[1]).toMatchObject({
    name: 'Teal',
    material: 'PETG',
    color: null,
    left_g: null,
  });
});

test('Spoolman’s JSON is looked at first and taken in by a yes', async () => {
  const path = 'vigil/spools/spoolman/';
  const told = {
    spools: [{ name: 'Galaxy', material: 'PETG', left_g: 400 }],
    known: 2,
    left_out: ['Spool 9 …'],
    done: false,
  };
  const http = open(SpoolmanSheet, { onclose: () => undefined }, { [path]: told });
  const choose = (content: string) =>
    fireEvent.change(screen.getByTestId('spoolman-file'), {
      target: { files: [new File([content], 'spools.json')] },
    });
  await choose('no JSON');
  await vi.waitFor(() => expect(screen.getByRole('alert').textContent).toContain('no JSON'));
  expect(http.send).not.toHaveBeenCalled();
  await choose('[{"id": 3}]');
  await vi.waitFor(() => expect(text('spoolman-told')).toContain('New: 1 spool; here already: 2'));
  expect(http.send).toHaveBeenLastCalledWith('POST', path, [{ id: 3 }], { look_only: true });
  await fireEvent.click(screen.getByTestId('spoolman-take'));
  expect(http.send).toHaveBeenLastCalledWith('POST', path, [{ id: 3 }], { look_only: false });
});
