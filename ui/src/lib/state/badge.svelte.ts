import { reviewCounts, type ReviewCounts } from '$lib/api/review';
import type { Client } from '$lib/api/client';

const NONE: ReviewCounts = { alerts: 0, sightings: 0, gaps: 0, days: [] };

/** How much waits to be looked at: the number at the place in the rail. */
export class Badge {
  counts = $state.raw<ReviewCounts>(NONE);

  constructor(private readonly client: Client) {}

  /** An older core does not know it: then there is no number. */
  async refresh(): Promise<void> {
    try {
      this.counts = await reviewCounts(this.client);
    } catch {
      this.counts = NONE;
    }
  }
}
