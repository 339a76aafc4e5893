import { describe, expect, it } from 'vitest';
import { clipName, clipWords } from './clip';

describe('clips of alerts', () => {
  it('tells length and size', () => {
    expect(clipWords({ seconds: 89.6, num_bytes: 4_240_000 })).toBe('1 min 30 s · 4.2 MB');
    expect(clipWords({ seconds: 12.2, num_bytes: 90_100 })).toBe('12 s · 91 kB');
    expect(clipWords({ seconds: 0, num_bytes: 1 })).toBe('1 s · 1 kB');
  });
  it('names a saved clip by print and frame', () => {
    expect(clipName(7, 403)).toBe('print-7-alert-403.mp4');
  });
});
