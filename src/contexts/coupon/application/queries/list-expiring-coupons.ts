import type { Clock } from '../../../../platform/kernel/clock.ts';
import { PAGE_MAX } from '../../../../platform/kernel/pages.ts';
import type { ListExpiringCouponsRequest, ListExpiringCouponsResponse } from '../../api.ts';
import type { CouponReader } from '../ports.ts';

const DAY_MS = 86_400_000;
/** As far as a policy lets its coupons live. */
const DAYS_MAX = 3_650;

/** What a user could still use and will lose within so many days, the most urgent first. Days and limit are clamped. */
export const listExpiringCoupons =
  (reader: CouponReader, clock: Clock) =>
  async ({ userId, days, limit }: ListExpiringCouponsRequest): Promise<ListExpiringCouponsResponse> => {
    const nowMs = clock();
    const until = new Date(nowMs + clamp(days, 1, DAYS_MAX) * DAY_MS);
    const coupons = await reader.expiring({ userId, now: new Date(nowMs), until, limit: clamp(limit, 1, PAGE_MAX) });
    return { coupons: [...coupons] };
  };

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
