/** A detector's speed in words: a picture a second and printer is what the watch wants. */
export function speedWords(ms: number): string {
  const time = ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
  if (ms > 1000) return `${time} a picture: too slow for one a second`;
  return `${time} a picture: ${ms > 500 ? 'enough for one printer' : 'fine'}`;
}
