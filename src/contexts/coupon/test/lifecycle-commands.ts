import fc from 'fast-check';
import { manager } from '../../../../test/support/stores.ts';
import type { ReservationOrigin } from '../domain/enumerations.ts';
import type { LifecycleCommand } from '../domain/lifecycle/lifecycle-command.ts';
import { qualifiedId } from '../domain/lifecycle/reservation-id.ts';

/** The ids that random commands use: few of each, so that commands conflict. */
export interface Cast {
  readonly coupons: readonly bigint[];
  readonly users: readonly bigint[];
  /** Prefix of reservation, order and event ids, so that runs in one database do not share any. */
  readonly prefix: string;
}

/** A random command of any kind, about these ids or unknown ones. */
export function anyCommand({ coupons, users, prefix }: Cast): fc.Arbitrary<LifecycleCommand> {
  const couponId = fc.constantFrom(...coupons, ...coupons, 1n);
  const userId = fc.constantFrom(...users);
  const callerReservationId = fc.nat(5).map((n) => `${prefix}r${n}`);
  const origin = fc.constantFrom('CUSTOMER', 'CUSTOMER', 'SERVICE' as const);
  const reservationId = fc
    .tuple(origin, userId, callerReservationId)
    .map(([by, user, id]) => qualifiedId(by as ReservationOrigin, user, id));
  const order = fc.nat(2).map((n) => `${prefix}o${n}`);
  const orderId = fc.option(order, { nil: null });
  const eventId = fc.nat(9).map((n) => `${prefix}e${n}`);
  const admin = fc.constantFrom(manager('ADMIN'), manager('OWNER', 99n, 1n));
  const kind = <Kind extends LifecycleCommand['kind']>(name: Kind) => fc.constant(name);
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .record({
          kind: kind('RESERVE'),
          origin,
          callerId: callerReservationId,
          couponId,
          userId,
          orderId,
          orderAmount: fc.constantFrom(1n, 999n, 5_000n, 9_007_199_254_740_993n),
        })
        .map(({ origin: by, callerId, ...command }) => ({
          ...command,
          reservationId: qualifiedId(by as ReservationOrigin, command.userId, callerId),
        })),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: kind('RELEASE'), reservationId }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind('EXTEND'), reservationId }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('CONFIRM'), reservationId }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind('USE'),
        couponId,
        userId,
        orderId,
        orderAmount: fc.option(fc.constantFrom(1n, 999n, 5_000n), { nil: null }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind('USE_AT_COUNTER'),
        couponId,
        clerk: admin,
        orderAmount: fc.option(fc.constantFrom(1n, 999n, 5_000n), { nil: null }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: kind('CANCEL'),
        couponId,
        manager: admin,
        note: fc.constant(''),
        returnStock: fc.boolean(),
        orderCancelled: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: kind('RESTORE'), couponId, orderId: order, unpaid: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('TIME_OUT'), reservationId }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('EXPIRE'), couponId }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('PAYMENT_COMPLETED' as const, 'PAYMENT_COMPLETED' as const, 'PAYMENT_FAILED' as const),
        eventId,
        orderId: order,
        userId,
        callerReservationId: fc.option(callerReservationId, { nil: null, freq: 8 }),
        couponId: fc.option(couponId, { nil: null }),
      }),
    },
  );
}
