import type { ScheduledTask } from '../../../../platform/context.ts';
import type { DueDeps } from './end-reservations.ts';
import { processDue } from './process-due.ts';

/**
 * Stores and publishes that coupons expired. No decision depends on it: reads and commands compare the expiry with the
 * clock. Hourly, because days end at every hour in some time zone.
 */
export const expireCoupons = ({ due, lifecycle, now }: DueDeps): ScheduledTask => ({
  name: 'coupon.expire-coupons',
  everyMinutes: 60,
  run: (signal) =>
    processDue(
      {
        due: async (limit) => due.coupons(new Date(await now()), limit),
        command: (couponId) => ({ kind: 'EXPIRE', couponId }),
        lifecycle,
      },
      signal,
    ),
});
