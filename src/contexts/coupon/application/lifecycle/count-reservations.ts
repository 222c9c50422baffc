import type { CouponService } from '../../api.ts';
import type { ReservationCounts } from './ports.ts';

/** Begins a count of the reservations of a user over all shards in this one. */
export const countReservations =
  (counts: ReservationCounts): CouponService['countReservations'] =>
  ({ userId, token }) =>
    counts.begin(userId, token);

/** Ends a count: all shards together have so few that the next reservation needs none. */
export const endReservationCount =
  (counts: ReservationCounts): CouponService['endReservationCount'] =>
  async ({ userId, token }) => {
    await counts.end(userId, token);
    return {};
  };
