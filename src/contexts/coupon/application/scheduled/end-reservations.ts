import type { Job } from '../../../../platform/context.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { CouponLife } from '../coupon-life.ts';
import type { DueReader } from '../ports.ts';
import { workOff } from './work-off.ts';

export interface DueDeps {
  readonly due: DueReader;
  readonly life: Pick<CouponLife, 'submitBulk'>;
  readonly clock: Clock;
}

/** Gives back coupons that were reserved and not paid for in time. */
export const endReservations = ({ due, life, clock }: DueDeps): Job => ({
  name: 'coupon.end-reservations',
  everyMinutes: 1,
  run: (signal) =>
    workOff(
      {
        due: (limit) => due.reservations(new Date(clock()), limit),
        command: (reservationId) => ({ kind: 'TIME_OUT', reservationId }),
        life,
      },
      signal,
    ),
});
