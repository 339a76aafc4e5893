import type { TryResult } from '$lib/api/types';
import type { DotState } from '$lib/bindings/DotState';
import { percent } from '$lib/format/numbers';
import type { Trial } from './setup.svelte';

/** What one look says, in words: what was seen, whether that is right, how long it took. */
export function trialWords(trial: Trial, result: TryResult): { head: string; text: string; mark: DotState } {
  const sure = `Failure likelihood: ${percent(result.probability * 100)}.`;
  const time = `One analysis takes ${Math.max(1, Math.round(result.total_ms))} ms on this computer.`;
  // What is drawn as a box is what is said: there is no second threshold.
  const failed = result.boxes.length > 0;
  if (trial === 'failing') {
    return failed
      ? { head: 'It works.', text: `It detects the failure. ${sure} ${time}`, mark: 'ok' }
      : {
          head: 'Missed it.',
          text: `It should detect a failure here. ${sure}`,
          mark: 'attention',
        };
  }
  if (trial === 'good') {
    return failed
      ? {
          head: 'A false alarm.',
          text: `It detects a failure in this good print. ${sure}`,
          mark: 'attention',
        }
      : { head: 'It works.', text: `Nothing wrong here. ${sure} ${time}`, mark: 'ok' };
  }
  return failed
    ? {
        head: 'It detects a failure.',
        text: `${sure} With an empty bed or a good print in view, turn or move the camera and try again.`,
        mark: 'attention',
      }
    : { head: 'No failure detected.', text: `${sure} ${time}`, mark: 'ok' };
}
