// The scripts of a printer.
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import type { App } from '$lib/state/app.svelte';
import { shown } from '../../test/printers';
import WithApp from '../../test/WithApp.svelte';
import ScriptSettings from './ScriptSettings.svelte';

afterEach(cleanup);

test('scripts are saved together, and a refusal keeps what was typed', async () => {
  const patch = vi.fn(() => Promise.resolve(false));
  render(WithApp, {
    props: { app: {} as App, of: ScriptSettings as never, given: { printer: shown('idle'), patch } },
  });
  const save = screen.getByTestId<HTMLButtonElement>('scripts-save');
  expect(save.disabled, 'nothing has changed').toBe(true);
  const start = screen.getByTestId<HTMLTextAreaElement>('script-start');
  await fireEvent.input(start, { target: { value: 'G28' } });
  await fireEvent.click(save);
  const sent = { start: 'G28', pause: 'M150 R255', resume: 'M150 U255', end: '' };
  expect(patch).toHaveBeenCalledExactlyOnceWith({ scripts: sent });
  expect(start.value).toBe('G28');
  expect(save.disabled).toBe(false);
});
