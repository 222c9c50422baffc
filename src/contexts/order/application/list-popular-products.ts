import type { Clock } from '../../../platform/kernel/clock.ts';
import type { ListPopularProductsRequest, ListPopularProductsResponse } from '../api.ts';
import { salesDay } from '../domain/sales-day.ts';
import { shownProduct } from './goods-answers.ts';
import type { GoodsReader } from './goods-ports.ts';

const LIMIT_MAX = 100;
const DAYS_MAX = 365;
const DAY_MS = 86_400_000;

/**
 * The most sold first: of all time, or of the last calendar days, today being the last of them. Both are kept by the
 * transactions that sell and refund. Numbers beyond their range are brought into it.
 */
export const listPopularProducts =
  (reader: GoodsReader, clock: Clock) =>
  async ({ limit: asked, days }: ListPopularProductsRequest): Promise<ListPopularProductsResponse> => {
    const nowMs = clock();
    const now = new Date(nowMs);
    const limit = within(asked, LIMIT_MAX);
    const offers =
      days === undefined
        ? await reader.listPopular(limit, now)
        : await reader.listPopularSince(salesDay(nowMs - (within(days, DAYS_MAX) - 1) * DAY_MS), limit, now);
    return {
      products: offers.map((offer) => ({ product: shownProduct(offer, nowMs), quantitySold: offer.quantitySold })),
    };
  };

const within = (asked: number, max: number): number => Math.min(Math.max(asked, 1), max);
