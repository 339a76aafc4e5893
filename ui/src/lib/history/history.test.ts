import { describe, expect, test } from 'vitest';
import { choiceQuery, NO_CHOICE } from '$lib/api/history';
import { careWords, soonest } from '$lib/format/care';
import { bars, daysOf, groupName, niceStep, PAGE, pagesOf, seen, endsOf } from './rows';

describe('rows in sight', () => {
  test('only those that are seen and some around them, within what there is', () => {
    const all = seen(46 * 1000, 460, 46, 3000);
    expect(all.from).toBeGreaterThan(980);
    expect(all.from).toBeLessThanOrEqual(1000);
    expect(all.to).toBeGreaterThanOrEqual(1010);
    expect(all.to - all.from).toBeLessThan(40);
    expect(seen(0, 460, 46, 3)).toEqual({ from: 0, to: 3 });
    expect(seen(1e9, 460, 46, 3)).toEqual({ from: 3, to: 3 });
    expect(seen(0, 460, 46, 0)).toEqual({ from: 0, to: 0 });
  });
  test('the pages they lie on', () => {
    expect(pagesOf(0, PAGE)).toEqual([0]);
    expect(pagesOf(PAGE - 1, PAGE + 1)).toEqual([0, 1]);
    expect(pagesOf(5, 5)).toEqual([]);
  });
});

describe('times', () => {
  test('a period ends today, wherever the month ends', () => {
    const now = new Date(2026, 2, 1, 23, 30);
    expect(daysOf('week', now)).toEqual({ from: '2026-02-23', to: '2026-03-01' });
    expect(daysOf('weeks', now).from).toBe('2026-01-05');
    expect(daysOf('all', now)).toEqual({ from: '', to: '' });
  });
  test('what does not restrict is not asked for', () => {
    expect(Object.values(choiceQuery(NO_CHOICE)).filter((v) => v !== undefined)).toEqual([]);
    const query = choiceQuery({
      ...NO_CHOICE,
      result: 'failed',
      printer: 3,
      from: '2026-01-01',
      alerts: true,
    });
    expect(query).toMatchObject({ result: 'failed', 'filter_by_printer_ids[]': 3, alerts: true });
    expect(query['timezone']).toBeTruthy();
  });
  test('a bar is named by its day, not by the day of another time zone', () => {
    expect(groupName('2026-11-01', 'weeks')).toContain('1');
    expect(groupName('2026-11-01T00:00:00Z', 'year')).toBe(groupName('2026-11-01', 'year'));
  });
});

describe('the chart', () => {
  const group = (finished: number, failed = 0, cancelled = 0, interrupted = 0) => ({
    key: '2026-11-01',
    finished,
    failed,
    cancelled,
    interrupted,
    prints: finished + failed + cancelled + interrupted,
    secs: 0,
    filament_mm: 0,
  });
  test('parts stand on each other and fit in', () => {
    const { bars: made, marks } = bars([group(6, 3, 1), group(0)], 'weeks', 100);
    const [first, second] = made;
    expect(first?.parts.map((p) => p.key)).toEqual(['finished', 'failed', 'cancelled']);
    expect(Math.min(...(first?.parts.map((p) => p.y) ?? []))).toBeGreaterThanOrEqual(0);
    expect(first?.parts[0]?.y).toBe(40);
    expect(second?.parts).toEqual([]);
    expect(second?.words).toContain('none');
    expect(marks.map((m) => m.count)).toEqual([0, 5, 10]);
    expect(marks.at(-1)?.y).toBe(0);
  });
  test.each([
    [1, 1],
    [4, 2],
    [10, 5],
    [23, 10],
    [240, 100],
  ])('up to %i the numbers go by %i', (most, step) => expect(niceStep(most)).toBe(step));
});

test('care goes by what is nearest to its end, not by what was used most', () => {
  const nozzle = { name: 'Nozzle', unit: 'hours' as const, every: 200, used: 188 };
  const tube = { name: 'Tube', unit: 'filament_m' as const, every: 3000, used: 900 };
  expect(soonest([tube, nozzle])).toBe(nozzle);
  expect(soonest([])).toBeNull();
  expect(careWords(nozzle)).toBe('Nozzle: 188 of 200 h');
});

test('prints are counted by one definition: a person’s “it failed” is no finished one', () => {
  const day = (key: string, finished: number, failed: number, cancelled: number, interrupted: number) => ({
    key,
    finished,
    failed,
    cancelled,
    interrupted,
    prints: finished + failed + cancelled + interrupted,
    secs: 0,
    filament_mm: 0,
  });
  expect(endsOf([day('a', 3, 1, 2, 0), day('b', 1, 0, 0, 1)])).toEqual({ finished: 4, all: 8 });
  expect(endsOf([])).toEqual({ finished: 0, all: 0 });
});
