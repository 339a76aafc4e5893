import { expect, test } from 'vitest';
import type { PrinterView } from '$lib/bindings/PrinterView';
import { lookState } from '$lib/watch/age';
import { LIVE_MS, pictureState } from './live';

test('live is said from the age of the last picture only', () => {
  expect(pictureState(true, 200)).toEqual({ live: true, chip: 'Live' });
  expect(pictureState(true, LIVE_MS + 1).live).toBe(false);
  expect(pictureState(true, 18_000)).toEqual({ live: false, chip: 'Last picture 18 s ago' });
  expect(pictureState(true, null), 'one of unknown age').toEqual({ live: false, chip: 'Last picture' });
  expect(pictureState(false, 10)).toEqual({ live: false, chip: 'No picture' });
});

test('the detection is told from the age of its last look', () => {
  const of = (watching: boolean, every_secs = 1, clock_scale = 1) =>
    ({
      vigil: { clock_scale, watch: { watching, gauge: 0.1, zone: 'fine', every_secs } },
    }) as unknown as PrinterView;
  expect(lookState(of(true), 1, true)).toEqual({ known: true, text: 'Looks fine', mark: 'ok' });
  expect(lookState(of(true), 25, true)).toMatchObject({ known: false, mark: 'unknown' });
  expect(lookState(of(true, 10), 25, true).known, 'a slow computer looks less often').toBe(true);
  expect(lookState(of(true), 1, false)).toEqual({ known: false, text: 'Not known', mark: 'unknown' });
  expect(lookState(of(false), 1, true)).toMatchObject({ known: false, text: 'Not watching' });
});
