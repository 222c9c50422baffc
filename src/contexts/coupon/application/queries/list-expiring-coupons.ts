import type { Clock } from '../../../../platform/kernel/clock.ts';
import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import { PAGE_MAX } from '../../../../platform/kernel/pages.ts';
import type { ListExpiringCouponsRequest, ListExpiringCouponsResponse } from '../../api.ts';
import { VALID_DAYS_MAX } from '../../domain/limits.ts';
import type { CouponReader } from './ports.ts';

/** Lists the usable coupons of a user that expire within `days`, the earliest first. Days and limit are clamped. */
export const listExpiringCoupons =
  (reader: CouponReader, clock: Clock) =>
  async ({ userId, days, limit }: ListExpiringCouponsRequest): Promise<ListExpiringCouponsResponse> => {
    const nowMs = clock();
    const until = new Date(nowMs + clamp(days, 1, VALID_DAYS_MAX) * DAY_MS);
    const coupons = await reader.expiring({ userId, now: new Date(nowMs), until, limit: clamp(limit, 1, PAGE_MAX) });
    return { coupons: [...coupons] };
  };

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
