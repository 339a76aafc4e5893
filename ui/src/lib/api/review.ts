import type { Detection } from '$lib/bindings/Detection';
import type { FrameAnswer } from '$lib/bindings/FrameAnswer';
import type { Client } from './client';
import { zone } from './history';

export type ReviewKind = 'alert' | 'sighting' | 'gap';

/** Something the watch noticed, or a time in which it could not look. */
export interface ReviewItem {
  kind: ReviewKind;
  print: number;
  printer: number | null;
  filename: string;
  /** Of an alert or a sighting. */
  frame: number | null;
  gap_id: number | null;
  at: string;
  until: string | null;
  /** The gauge, 0 to 1. */
  level: number | null;
  paused: boolean;
  layer: number | null;
  line: number | null;
  boxes: Detection[];
  image_url: string | null;
  evidence_url: string | null;
  answer: FrameAnswer | null;
  reviewed_at: string | null;
  why: string | null;
  demo: boolean;
}

export interface ReviewPage {
  items: ReviewItem[];
  count: number;
  unreviewed: number;
}

export interface ReviewQuery {
  kind: ReviewKind;
  printer?: number | undefined;
  answer?: FrameAnswer | 'none' | undefined;
  reviewed?: boolean | undefined;
  from?: string | undefined;
  to?: string | undefined;
  start?: number;
  limit?: number;
}

/** How many wait to be looked at. */
export interface ReviewCounts {
  alerts: number;
  sightings: number;
  gaps: number;
  days: { day: string; alerts: number; sightings: number; gaps: number }[];
}

export interface ReviewMark {
  kind: ReviewKind;
  print: number;
  /** Its frame, or the number of the gap. */
  id: number;
}

export const review = (client: Client, query: ReviewQuery) =>
  client.http.get<ReviewPage>('vigil/review/', { ...query });
export const reviewCounts = (client: Client) =>
  client.http.get<ReviewCounts>('vigil/review/counts/', { timezone: zone() });
export const markReviewed = (
  client: Client,
  items: readonly ReviewMark[],
  reviewed: boolean,
  answer?: FrameAnswer | null,
) =>
  client.http.post<{ changed: number }>('vigil/review/', {
    items,
    reviewed,
    ...(answer === undefined ? {} : { answer }),
  });
