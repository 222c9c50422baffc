import type { ScheduledTask } from '../../../../platform/context.ts';
import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import type { CouponLifecycle } from '../lifecycle/coupon-lifecycle.ts';
import type { DueReader } from '../lifecycle/ports.ts';
import { processDue } from './process-due.ts';

export interface DueDeps {
  readonly due: DueReader;
  readonly lifecycle: Pick<CouponLifecycle, 'submitBulk'>;
  readonly now: TimeSource;
}

/** Ends overdue reservations, so that their coupons can be used again. */
export const endReservations = ({ due, lifecycle, now }: DueDeps): ScheduledTask => ({
  name: 'coupon.end-reservations',
  everyMinutes: 1,
  run: (signal) =>
    processDue(
      {
        due: async (limit) => due.reservations(new Date(await now()), limit),
        command: (reservationId) => ({ kind: 'TIME_OUT', reservationId }),
        lifecycle,
      },
      signal,
    ),
});
