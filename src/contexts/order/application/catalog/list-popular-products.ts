import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import type { ListPopularProductsRequest, ListPopularProductsResponse } from '../../api.ts';
import { salesDay } from '../../domain/catalog/sales-day.ts';
import { POPULAR_DAYS_MAX, POPULAR_MAX } from '../../domain/limits.ts';
import type { CatalogReader, PopularListing } from './ports.ts';
import { toProductView } from './views.ts';

/** How long the sums of many days are cached for all callers. */
const CACHED_MS = 1_000;

/**
 * The most sold products first: of all time, or of the last calendar days including today. The transactions that sell and refund
 * maintain both counts. Numbers outside their range are clamped.
 */
export function listPopularProducts(reader: CatalogReader, clock: Clock) {
  const since = new LRUCache<string, readonly PopularListing[]>({
    max: POPULAR_DAYS_MAX,
    ttl: CACHED_MS,
    fetchMethod: (day) => reader.listPopularSince(day, POPULAR_MAX, new Date(clock())),
  });
  return async ({ limit: requested, days }: ListPopularProductsRequest): Promise<ListPopularProductsResponse> => {
    const nowMs = clock();
    const limit = clamp(requested, POPULAR_MAX);
    const listings =
      days === undefined
        ? await reader.listPopular(limit, new Date(nowMs))
        : ((await since.fetch(salesDay(nowMs - (clamp(days, POPULAR_DAYS_MAX) - 1) * DAY_MS))) ?? []).slice(0, limit);
    return {
      products: listings.map((each) => ({ product: toProductView(each, nowMs), quantitySold: each.quantitySold })),
    };
  };
}

const clamp = (value: number, max: number): number => Math.min(Math.max(value, 1), max);
