import type { Kernel } from '../kernel.ts';
import type { Ended } from './checkouts.ts';
import type { Row, Tables } from './tables.ts';

/** What a status may become. An EXPIRED one may be confirmed late, or closed. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  PENDING: ['PENDING', 'CONFIRMED', 'CANCELLED', 'EXPIRED'],
  EXPIRED: ['CONFIRMED', 'CANCELLED'],
  CONFIRMED: [],
  CANCELLED: [],
};

/** Compares reservations after each commit with what they were before it, and with their coupons. */
export function watchReservations(
  { clock, say }: Pick<Kernel, 'clock' | 'say'>,
  complain: (problem: string) => void,
): (tables: Tables) => void {
  const seen = new Map<string, Row>();

  function check(id: string, before: Row | undefined, row: Row, { coupons }: Tables): void {
    const { status, coupon_id: couponId } = row;
    if (before && !NEXT[String(before['status'])]?.includes(String(status)))
      complain(`${id} was ${before['status']}, and became ${status}`);
    if (status === 'EXPIRED' && clock() < Number(row['expires_at']))
      complain(`${id} expired ${Number(row['expires_at']) - clock()} ms before its end`);
    const coupon = coupons.get(couponId as bigint);
    const isTaken = coupon?.['reservation_id'] === id;
    const isRight =
      status === 'PENDING' || status === 'CONFIRMED'
        ? isTaken && coupon['status'] === (status === 'PENDING' ? 'RESERVED' : 'USED')
        : !isTaken;
    if (!isRight) complain(`${id} is ${status}, and coupon ${couponId} is ${coupon?.['status']}`);
  }

  return (tables) => {
    for (const [id, row] of tables.reservations) {
      const before = seen.get(id);
      if (before === row) continue;
      seen.set(id, row);
      say('postgres', () => `commits that ${id} is ${row['status']}`);
      check(id, before, row, tables);
    }
  };
}

/** When the cluster has come to rest: no reservation is left, each step is in the history, and what was reported is true. */
export function reservationProblems(
  { reservations, coupons, history }: Tables,
  ended: readonly Ended[],
): readonly string[] {
  const steps = new Map<string, number>();
  for (const place of history.keys()) {
    const coupon = place.slice(0, place.indexOf(' '));
    steps.set(coupon, (steps.get(coupon) ?? 0) + 1);
  }
  return [
    ...[...reservations].flatMap(([id, { status }]) => (status === 'PENDING' ? [`${id} does not end`] : [])),
    ...[...coupons].flatMap(([id, { version }]) => {
      const count = steps.get(String(id)) ?? 0;
      return count + 1 === version ? [] : [`coupon ${id} has version ${version} and ${count} steps after its issue`];
    }),
    ...ended.flatMap(({ reservationId, status }) => {
      const is = reservations.get(reservationId)?.['status'];
      return is === status ? [] : [`${reservationId} was reported as ${status}, and is ${is}`];
    }),
  ];
}
