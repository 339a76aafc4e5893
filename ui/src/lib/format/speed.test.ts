import { describe, expect, it } from 'vitest';
import { speedWords } from './speed';

describe('speed of a model', () => {
  it('says what it means', () => {
    expect(speedWords(0.2)).toBe('1 ms a picture: fine');
    expect(speedWords(38.4)).toBe('38 ms a picture: fine');
    expect(speedWords(800)).toBe('800 ms a picture: enough for one printer');
    expect(speedWords(2340)).toBe('2.3 s a picture: too slow for one a second');
  });
});
