import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../platform/kernel/clock.ts';
import type { ListPopularProductsRequest, ListPopularProductsResponse } from '../api.ts';
import { salesDay } from '../domain/sales-day.ts';
import { shownProduct } from './goods-answers.ts';
import type { GoodsReader, PopularOffer } from './goods-ports.ts';

const LIMIT_MAX = 100;
const DAYS_MAX = 365;
const DAY_MS = 86_400_000;

/** The sums of many days are the same for all who ask within it, and are made once. */
const KEPT_MS = 1_000;

/**
 * The most sold first: of all time, or of the last calendar days, today being the last of them. Both are kept by the
 * transactions that sell and refund. Numbers beyond their range are brought into it.
 */
export function listPopularProducts(reader: GoodsReader, clock: Clock) {
  const since = new LRUCache<string, readonly PopularOffer[]>({
    max: DAYS_MAX,
    ttl: KEPT_MS,
    fetchMethod: (day) => reader.listPopularSince(day, LIMIT_MAX, new Date(clock())),
  });
  return async ({ limit: asked, days }: ListPopularProductsRequest): Promise<ListPopularProductsResponse> => {
    const nowMs = clock();
    const limit = within(asked, LIMIT_MAX);
    const offers =
      days === undefined
        ? await reader.listPopular(limit, new Date(nowMs))
        : ((await since.fetch(salesDay(nowMs - (within(days, DAYS_MAX) - 1) * DAY_MS))) ?? []).slice(0, limit);
    return {
      products: offers.map((offer) => ({ product: shownProduct(offer, nowMs), quantitySold: offer.quantitySold })),
    };
  };
}

const within = (asked: number, max: number): number => Math.min(Math.max(asked, 1), max);
