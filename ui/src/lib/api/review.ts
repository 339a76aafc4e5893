import type { FrameAnswer } from '$lib/bindings/FrameAnswer';
import type { ReviewCounts } from '$lib/bindings/ReviewCounts';
import type { ReviewItem } from '$lib/bindings/ReviewItem';
import type { ReviewKind } from '$lib/bindings/ReviewKind';
import type { ReviewRef } from '$lib/bindings/ReviewRef';
import type { Client } from './client';

export type { ReviewCounts, ReviewItem, ReviewKind, ReviewRef };

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

export const review = (client: Client, query: ReviewQuery) =>
  client.http.get<ReviewPage>('vigil/review/', { ...query });
export const reviewCounts = (client: Client) => client.http.get<ReviewCounts>('vigil/review/counts/');
export const markReviewed = (
  client: Client,
  items: readonly ReviewRef[],
  reviewed: boolean,
  answer?: FrameAnswer | null,
) =>
  client.http.post<{ changed: number }>('vigil/review/', {
    items,
    reviewed,
    ...(answer === undefined ? {} : { answer }),
  });
