import type { FrameAnswer } from '$lib/bindings/FrameAnswer';
import type { ReviewCounts } from '$lib/bindings/ReviewCounts';
import type { ReviewItem } from '$lib/bindings/ReviewItem';
import type { ReviewKind } from '$lib/bindings/ReviewKind';
import type { ReviewRef } from '$lib/bindings/ReviewRef';
import type { Client } from './client';
import type { Sparse } from './http';
import type { ReviewPage } from '$lib/bindings/ReviewPage';
import type { ReviewQuery } from '$lib/bindings/ReviewQuery';

export type { ReviewPage, ReviewQuery };

export type { ReviewCounts, ReviewItem, ReviewKind, ReviewRef };

export const review = (client: Client, query: Sparse<ReviewQuery>) =>
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
