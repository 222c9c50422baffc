import { changed } from '../../../../platform/kernel/changed.ts';
import type { Coupon, CouponState, Reservation } from './coupon.ts';
import type {
  ConfirmationFailure,
  LifecycleDecision,
  LifecycleSnapshot,
  SharedLimit,
  Step,
  StockedPolicy,
} from './lifecycle-decision.ts';

type StepParts = Partial<Pick<Step, 'reason' | 'orderId' | 'discountAmount' | 'changedBy' | 'note'>>;

/** The state on which the commands of one batch are decided. Each sees the changes of the earlier ones. */
export interface LifecycleUnitOfWork {
  readonly nowMs: number;
  /** How long a reservation lasts. */
  readonly holdMs: number;
  coupon(id: bigint): Coupon | undefined;
  /** Any reservation that was loaded, even if its coupon is not locked: only for comparing ids. */
  findReservation(id: string): Reservation | undefined;
  /** A reservation with its locked coupon. */
  reservationWithCoupon(id: string): { readonly coupon: Coupon; readonly reservation: Reservation } | undefined;
  /** The reservations of an order that were loaded. */
  reservationsOfOrder(userId: bigint, orderId: string): readonly Reservation[];
  /** Returns true when a coupon was used for the order without a reservation. */
  isUsedDirectly(userId: bigint, orderId: string): boolean;
  pendingReservationsOf(userId: bigint): readonly Reservation[];
  readonly sharedLimit: SharedLimit | undefined;
  /** Records a step of a coupon and its reservation. Returns the coupon after it. */
  recordStep(
    kind: Step['kind'],
    coupon: Coupon,
    state: CouponState,
    reservation: Reservation | null,
    parts?: StepParts,
  ): Coupon;
  /** Changes an EXPIRED reservation to CANCELLED. No step is recorded, because the coupon no longer belongs to it. */
  closeExpired(expired: Reservation): Reservation;
  policy(id: bigint): StockedPolicy;
  setPolicy(policy: StockedPolicy): void;
  /** Returns true the first time for an event that was not handled before. */
  claimEvent(eventId: string): boolean;
  recordFailure(failure: ConfirmationFailure, reservation: Reservation | undefined): void;
}

export function lifecycleUnitOfWork(snapshot: LifecycleSnapshot, nowMs: number, holdMs: number) {
  const coupons = new Map(snapshot.coupons);
  const reservations = new Map(snapshot.reservations);
  const policies = new Map(snapshot.policies);
  const unclaimed = new Set(snapshot.unclaimedEvents);
  const ofUser = new Map<bigint, Set<string>>();
  const directUses = new Map(snapshot.directUses.map((use) => [use.couponId, use]));
  const steps: Step[] = [];
  const failures: ConfirmationFailure[] = [];
  for (const reservation of reservations.values()) index(reservation);

  function index({ userId, id }: Reservation): void {
    const ids = ofUser.get(userId);
    if (ids) ids.add(id);
    else ofUser.set(userId, new Set([id]));
  }

  const allOf = (userId: bigint): Reservation[] =>
    [...(ofUser.get(userId) ?? [])].flatMap((id) => reservations.get(id) ?? []);

  const unitOfWork: LifecycleUnitOfWork = {
    nowMs,
    holdMs,
    sharedLimit: snapshot.sharedLimit,
    coupon: (id) => coupons.get(id),
    findReservation: (id) => reservations.get(id),
    reservationWithCoupon(id) {
      const reservation = reservations.get(id);
      const coupon = reservation && coupons.get(reservation.couponId);
      return coupon && { coupon, reservation };
    },
    reservationsOfOrder: (userId, orderId) => allOf(userId).filter((reservation) => reservation.orderId === orderId),
    isUsedDirectly: (userId, orderId) =>
      [...directUses.values()].some((use) => use.userId === userId && use.orderId === orderId),
    pendingReservationsOf: (userId) => allOf(userId).filter(({ status }) => status === 'PENDING'),
    recordStep(kind, before, state, reservation, parts = {}) {
      const coupon: Coupon = { ...before, state, version: before.version + 1 };
      coupons.set(coupon.id, coupon);
      if (state.status === 'USED' && state.reservation === null && state.orderId !== null) {
        directUses.set(coupon.id, { couponId: coupon.id, userId: coupon.userId, orderId: state.orderId });
      } else {
        directUses.delete(coupon.id);
      }
      if (reservation) {
        reservations.set(reservation.id, reservation);
        index(reservation);
      }
      const defaults = {
        reason: null,
        orderId: reservation?.orderId ?? null,
        discountAmount: null,
        changedBy: null,
        note: null,
      };
      steps.push({ ...defaults, ...parts, kind, coupon, reservation });
      return coupon;
    },
    closeExpired(expired) {
      const closed: Reservation = { ...expired, status: 'CANCELLED' };
      reservations.set(closed.id, closed);
      return closed;
    },
    policy(id) {
      const policy = policies.get(id);
      if (!policy) throw new Error(`policy ${id} was not loaded`);
      return policy;
    },
    setPolicy: (policy) => void policies.set(policy.id, policy),
    claimEvent: (eventId) => unclaimed.delete(eventId),
    recordFailure(failure, reservation) {
      failures.push(failure);
      if (reservation) reservations.set(reservation.id, { ...reservation, confirmationFailed: true });
    },
  };

  return {
    unitOfWork,
    decision: (outcomes: LifecycleDecision['outcomes']): LifecycleDecision => ({
      outcomes,
      steps,
      failures,
      nowMs,
      coupons: changed(coupons, snapshot.coupons),
      reservations: changed(reservations, snapshot.reservations),
      policies: changed(policies, snapshot.policies),
    }),
  };
}
