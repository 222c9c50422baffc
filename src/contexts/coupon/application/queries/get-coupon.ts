import type { Clock } from '../../../../platform/kernel/clock.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { clerkOf, type StoreChecks, servesStore } from '../../../store/api.ts';
import type { CouponStep, GetCouponRequest, GetCouponResponse } from '../../api.ts';
import { callerIdOf } from '../../domain/lifecycle/reservation-id.ts';
import { refuse } from '../../refusals.ts';
import { toUserCouponView } from './coupon-view.ts';
import type { CouponRecords, RecordedStep } from './ports.ts';

/** A coupon that is reserved and released again and again has ever more steps. */
const STEPS_MAX = 200;

/**
 * A coupon with its history. Its owner sees what happened, and not who of the staff did it or what they noted; the store and operators see
 * all. To anybody else it is missing.
 */
export const getCoupon =
  (records: Pick<CouponRecords, 'find' | 'steps'>, stores: StoreChecks, clock: Clock) =>
  async ({ principal, couponId }: GetCouponRequest): Promise<GetCouponResponse> => {
    const [coupon, clerk] = await Promise.all([records.find(couponId), clerkOf(stores, principal)]);
    if (!coupon) return NOT_FOUND;
    const { storeId } = coupon.terms;
    const isServed = clerk !== undefined && servesStore(clerk, storeId);
    if (!isServed && principal?.userId !== coupon.userId) return NOT_FOUND;
    const latest = await records.steps(couponId, STEPS_MAX + 1);
    const { state } = coupon;
    const value = {
      coupon: toUserCouponView(coupon, clock()),
      storeId: storeId ?? undefined,
      discountAmount: state.status === 'USED' ? state.discountAmount : undefined,
      steps: latest
        .slice(0, STEPS_MAX)
        .reverse()
        .map((step) => toStep(step, isServed)),
      hasEarlierSteps: latest.length > STEPS_MAX,
    };
    return { outcome: { $case: 'record', value } };
  };

const NOT_FOUND = toRefusalResponse(refuse('COUPON_NOT_FOUND'));

const toStep = (step: RecordedStep, showsStaff: boolean): CouponStep => ({
  kind: step.kind,
  at: new Date(step.atMs),
  reason: step.reason ?? undefined,
  reservationId: step.reservationId === null ? undefined : callerIdOf(step.reservationId),
  orderId: step.orderId ?? undefined,
  discountAmount: step.discountAmount ?? undefined,
  changedBy: showsStaff ? (step.changedBy ?? undefined) : undefined,
  note: showsStaff ? (step.note ?? undefined) : undefined,
});
