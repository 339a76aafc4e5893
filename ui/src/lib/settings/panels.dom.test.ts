// The panels of the Print page: which are there, and in which order.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { App } from '$lib/state/app.svelte';
import { panels, PANELS, readPanels } from '$lib/state/panels.svelte';
import { shown } from '../../test/printers';
import WithApp from '../../test/WithApp.svelte';
import PanelSettings from './PanelSettings.svelte';

beforeEach(() => {
  panels.reset(1);
  localStorage.clear();
});
afterEach(cleanup);
const order = () => panels.of(1).map(({ id }) => id);

test('what was kept is read, and what it does not know comes behind', () => {
  expect(readPanels(null).map(({ id }) => id)).toEqual(PANELS.map(({ id }) => id));
  const kept = readPanels(
    '[{"id":"events","shown":false},{"id":"gone"},{"id":"events"},null,{"id":"adjust"}]',
  );
  expect(kept.slice(0, 3)).toEqual([
    { id: 'events', shown: false },
    { id: 'adjust', shown: true },
    { id: 'layer', shown: true },
  ]);
  expect(kept).toHaveLength(PANELS.length);
  expect(readPanels('{')).toEqual(readPanels(null));
});

test('a panel is hidden, moved by keys and by dragging, for its printer alone, and all is put back', async () => {
  render(WithApp, {
    props: { app: {} as App, of: PanelSettings as never, given: { printer: shown('idle') } },
  });
  await fireEvent.click(screen.getByTestId('panel-on-queue'));
  expect(panels.shown(1, ['adjust', 'queue', 'events'])).toEqual(['adjust', 'events']);
  expect(panels.shown(2, ['adjust', 'queue', 'events'])).toEqual(['adjust', 'queue', 'events']);
  const handle = screen.getByTestId('panel-place-events');
  handle.focus();
  await fireEvent.keyDown(handle, { key: 'ArrowUp' });
  await fireEvent.keyDown(screen.getByTestId('panel-place-events'), { key: 'ArrowUp' });
  expect(panels.shown(1, ['adjust', 'queue', 'events'])).toEqual(['events', 'adjust']);
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('panel-place-events')));
  await fireEvent.dragStart(screen.getByTestId('panel-layer'));
  await fireEvent.drop(screen.getByTestId('panel-queue'));
  expect(order().at(-1)).toBe('layer');
  expect(readPanels(localStorage.getItem('printvigil.panels.1'))).toEqual(panels.of(1));
  await fireEvent.click(screen.getByTestId('panels-reset'));
  expect(order()).toEqual(PANELS.map(({ id }) => id));
});
