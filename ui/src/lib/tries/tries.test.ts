import { describe, expect, it } from 'vitest';
import type { TryPoint } from '$lib/api/tries';
import { firstTimes, lengthWords, outcomeWords, progressWords, usable, wrongChoice } from './tries';

function points(...verdicts: ('fine' | 'alert' | 'pause')[]): TryPoint[] {
  return verdicts.map((verdict, n) => ({
    n,
    seconds: n * 20,
    name: `${n}.jpg`,
    p: 0,
    score: 0.87,
    boxes: [],
    frame_size: [4, 3],
    printvigil: { gauge: 0, verdict },
    obico: { gauge: 0, verdict: 'fine' },
  }));
}

describe('what is chosen', () => {
  it('takes pictures and films in the order people read their names', () => {
    const names = ['b10.JPG', 'b9.jpg', 'notes.txt', 'a.png', '.DS_Store'];
    expect(usable(names.map((name) => ({ name }))).map((f) => f.name)).toEqual([
      'a.png',
      'b9.jpg',
      'b10.JPG',
    ]);
  });
  it('says what is wrong before anything is sent', () => {
    const file = (name: string, size = 10) => ({ name, size });
    expect(wrongChoice([], 0)).toBe('');
    expect(wrongChoice([], 3)).toContain('JPEG or PNG');
    expect(wrongChoice([file('a.jpg'), file('b.mp4')], 2)).toContain('by itself');
    expect(wrongChoice([file('b.mp4', 3 * 1024 ** 3)], 1)).toContain('2 GB');
    expect(wrongChoice([file('a.jpg'), file('b.png')], 2)).toBe('');
  });
});

describe('what came out', () => {
  it('is a sentence', () => {
    const long = points('fine', 'fine', 'fine', 'fine', 'alert', 'alert', 'pause', 'pause');
    expect(outcomeWords(long, 'printvigil')).toBe(
      'This would have alerted after 1 min 20 s and paused after 2 min 0 s.',
    );
    expect(outcomeWords(long, 'obico')).toBe('Nothing would have been reported.');
    expect(outcomeWords(points('fine', 'pause'), 'printvigil')).toContain('alerted and paused after 20 s');
    expect(outcomeWords(points('fine', 'alert'), 'printvigil')).toContain('not paused');
    expect(outcomeWords(points('fine', 'fine'), 'printvigil')).toContain('first minute');
    expect(outcomeWords(points('fine'), 'printvigil')).toBe('No failure is seen in this picture (87 %).');
    expect(outcomeWords([], 'printvigil')).toBe('');
  });
  it('knows when a rule first said so', () => {
    expect(firstTimes(points('fine', 'pause', 'alert'), 'printvigil')).toEqual({ alert: 20, pause: 20 });
  });
  it('tells times and speed', () => {
    expect([lengthWords(59.6), lengthWords(72), lengthWords(3700)]).toEqual([
      '1 min 0 s',
      '1 min 12 s',
      '1 h 1 min',
    ]);
    expect(progressWords(30, 90, 30, 2)).toBe('30 of 90 pictures analysed, 15 times real speed');
    expect(progressWords(1, 1, 0, 5)).toBe('1 of 1 picture analysed');
  });
});
