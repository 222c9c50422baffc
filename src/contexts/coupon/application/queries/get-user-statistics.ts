import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { GetUserStatisticsRequest, GetUserStatisticsResponse } from '../../api.ts';
import type { CouponReader } from './ports.ts';

/** Counts the coupons of a user by state, and their total discount. Withdrawn coupons do not count. */
export const getUserStatistics =
  (reader: CouponReader, clock: Clock) =>
  async ({ userId }: GetUserStatisticsRequest): Promise<GetUserStatisticsResponse> => {
    const { total, available, used, expired, saved } = await reader.statisticsOf(userId, new Date(clock()));
    return {
      totalCoupons: total,
      availableCoupons: available,
      usedCoupons: used,
      expiredCoupons: expired,
      totalSavedAmount: saved,
    };
  };
