import type { BatcherDeps } from '../../platform/batching/batcher.ts';
import type { ContextDeps } from '../../platform/context.ts';
import { MINUTE_MS } from '../../platform/kernel/durations.ts';
import type { StoreChecks } from '../store/api.ts';
import { redemptionCodes } from './adapters/crypto/redemption-codes.ts';
import { postgresDueReader } from './adapters/postgres/lifecycle/due-reader.ts';
import { PAYMENTS_CONSUMER } from './adapters/postgres/lifecycle/lifecycle-reads.ts';
import { postgresLifecycleStore } from './adapters/postgres/lifecycle/lifecycle-store.ts';
import { postgresReservationCounts } from './adapters/postgres/lifecycle/reservation-counts.ts';
import { postgresCouponReader } from './adapters/postgres/queries/coupon-reader.ts';
import { postgresOwnCoupons } from './adapters/postgres/queries/own-coupons.ts';
import { getRedemptionCode } from './application/counter/get-redemption-code.ts';
import { useAtCounter } from './application/counter/use-at-counter.ts';
import { cancelCoupon } from './application/lifecycle/cancel-coupon.ts';
import { confirmReservation } from './application/lifecycle/confirm-reservation.ts';
import { countReservations, endReservationCount } from './application/lifecycle/count-reservations.ts';
import { BULK_BATCH_MAX, couponLifecycle } from './application/lifecycle/coupon-lifecycle.ts';
import { extendReservation } from './application/lifecycle/extend-reservation.ts';
import { lifecycleEvents } from './application/lifecycle/lifecycle-events.ts';
import { replayReservation, replayUse } from './application/lifecycle/lifecycle-response.ts';
import { onPayment, PAYMENT_TOPICS } from './application/lifecycle/on-payment.ts';
import { releaseReservation } from './application/lifecycle/release-reservation.ts';
import { reserveCoupon } from './application/lifecycle/reserve-coupon.ts';
import { restoreCoupon } from './application/lifecycle/restore-coupon.ts';
import { useCoupon } from './application/lifecycle/use-coupon.ts';
import { endReservations } from './application/scheduled/end-reservations.ts';
import { expireCoupons } from './application/scheduled/expire-coupons.ts';
import type { Issuing } from './issuing.ts';

interface LifecycleDeps extends ContextDeps<typeof PAYMENTS_CONSUMER> {
  readonly batching: BatcherDeps;
  readonly stores: StoreChecks;
  readonly issuing: Issuing;
  readonly batchMax: number;
  readonly couponShards: number;
  readonly reservationMinutes: number;
  /** The first one makes new codes of the counter. */
  readonly redemptionSecrets: readonly string[];
  readonly onEvents: () => void;
}

/** Issued coupons: reservations, use in an order and at the counter, and their end. */
export function createLifecycle(deps: LifecycleDeps) {
  const { database, bus, clock, nextId, batching, stores, batchMax, couponShards, reservationMinutes } = deps;
  const { redemptionSecrets, onEvents } = deps;
  const { refusalCache, resultLookup } = deps.issuing;
  const lifecycle = couponLifecycle({
    ...batching,
    storeFor: (batcher, concurrency) =>
      postgresLifecycleStore(
        { database: database.forBatcher(batcher, concurrency), nextId, eventsOf: lifecycleEvents, onEvents },
        couponShards,
      ),
    refusalCache,
    holdMs: reservationMinutes * MINUTE_MS,
    batchMax,
  });
  const operation = { lifecycle, resultLookup, clock };
  const reader = postgresCouponReader(database);
  const reservationCounts = postgresReservationCounts(database);
  const redemption = redemptionCodes(redemptionSecrets);
  const dueDeps = { due: postgresDueReader(database), lifecycle, now: database.readTime };
  bus.subscribe(PAYMENTS_CONSUMER, PAYMENT_TOPICS, onPayment(lifecycle), BULK_BATCH_MAX);
  return {
    batcher: lifecycle,
    api: {
      reserveCoupon: reserveCoupon(operation),
      countReservations: countReservations(reservationCounts),
      endReservationCount: endReservationCount(reservationCounts),
      releaseReservation: releaseReservation(operation, reader),
      extendReservation: extendReservation(operation, reader),
      confirmReservation: confirmReservation(operation, reader),
      useCoupon: useCoupon(operation, reader),
      replayReservation: replayReservation(operation),
      replayUse: replayUse(operation),
      getRedemptionCode: getRedemptionCode(redemption, postgresOwnCoupons(database), clock),
      useAtCounter: useAtCounter(operation, stores, redemption),
      cancelCoupon: cancelCoupon(operation, stores),
      restoreCoupon: restoreCoupon(operation),
    },
    scheduled: [
      // In this order, because a coupon whose reservation ends may have expired meanwhile.
      endReservations(dueDeps),
      expireCoupons(dueDeps),
    ],
  };
}
