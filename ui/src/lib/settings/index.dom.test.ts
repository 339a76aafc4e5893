// The search of the settings hides the cards that do not say the words, also those that come later.
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import SettingsIndex from './SettingsIndex.svelte';

afterEach(() => {
  cleanup();
  document.body.replaceChildren();
});

const scroll = vi.fn();

function card(name: string, text: string): HTMLElement {
  const section = document.createElement('section');
  section.setAttribute('aria-label', name);
  section.textContent = text;
  section.scrollIntoView = scroll;
  return section;
}

test('cards are listed to go to, and searched by all that they say', async () => {
  const within = document.createElement('div');
  const [camera, filament] = [card('Camera', 'Rotate'), card('Filament', 'Price of a kilogram')];
  within.append(camera, filament);
  document.body.append(within);
  render(SettingsIndex, { props: { within } });
  await waitFor(() => expect(screen.getByRole('navigation').textContent).toContain('Camera'));

  await fireEvent.click(screen.getByRole('button', { name: 'Filament' }));
  expect(document.activeElement).toBe(filament);
  expect(scroll).toHaveBeenCalledOnce();

  await fireEvent.input(screen.getByTestId('search'), { target: { value: 'kilo' } });
  await waitFor(() => expect(camera.hidden).toBe(true));
  expect(filament.hidden).toBe(false);

  const late = card('Spools', '');
  within.append(late);
  await waitFor(() => expect(late.hidden).toBe(true));
  late.textContent = 'Kilograms left';
  await waitFor(() => expect(late.hidden).toBe(false));

  await fireEvent.input(screen.getByTestId('search'), { target: { value: 'nowhere' } });
  await waitFor(() => expect(screen.getByRole('status').textContent).toContain('nowhere'));
  await fireEvent.input(screen.getByTestId('search'), { target: { value: '' } });
  await waitFor(() => expect(camera.hidden || filament.hidden || late.hidden).toBe(false));
});
