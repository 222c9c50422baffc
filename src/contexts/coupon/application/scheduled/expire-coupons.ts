import type { ScheduledTask } from '../../../../platform/context.ts';
import type { DueDeps } from './end-reservations.ts';
import { processDue } from './process-due.ts';

/**
 * Writes down that coupons expired, and publishes it. Nothing waits for it: whoever reads or uses a coupon looks at the
 * clock. Hourly, because days end in one time zone or another at every hour.
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
