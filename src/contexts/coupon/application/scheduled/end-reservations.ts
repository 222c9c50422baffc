import type { Job } from '../../../../platform/context.ts';
import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import type { CouponLife } from '../coupon-life.ts';
import type { DueReader } from '../ports.ts';
import { workOff } from './work-off.ts';

export interface DueDeps {
  readonly due: DueReader;
  readonly life: Pick<CouponLife, 'submitBulk'>;
  readonly now: TimeSource;
}

/** Gives back coupons that were reserved and not paid for in time. */
export const endReservations = ({ due, life, now }: DueDeps): Job => ({
  name: 'coupon.end-reservations',
  everyMinutes: 1,
  run: (signal) =>
    workOff(
      {
        due: async (limit) => due.reservations(new Date(await now()), limit),
        command: (reservationId) => ({ kind: 'TIME_OUT', reservationId }),
        life,
      },
      signal,
    ),
});
