import { mapConcurrent } from '../../../../platform/kernel/map-concurrent.ts';
import { slices } from '../../../../platform/kernel/slices.ts';
import type { CouponCalls } from './ports.ts';

/** Ids of one call to the coupon context. */
const COUPONS_MAX = 5_000;
const CALLS_AT_ONCE = 2;

/** Which of these coupons can still be used, in as many calls as they need. */
export async function unusedCoupons(coupon: CouponCalls, couponIds: readonly bigint[]): Promise<ReadonlySet<bigint>> {
  const found = await mapConcurrent(slices(couponIds, COUPONS_MAX), CALLS_AT_ONCE, (part) =>
    coupon.listUnusedCoupons({ couponIds: part }),
  );
  return new Set(found.flatMap((each) => each.couponIds));
}
