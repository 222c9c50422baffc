import {
  type ContextResponse,
  isRefusal,
  type Refusal,
  refusalIn,
  resultIn,
} from '../../../../platform/kernel/refusal.ts';
import type { CouponRefusalCode, CouponService } from '../../../coupon/api.ts';
import { type PaymentProvider, paymentDeclined } from '../../../payment/api.ts';
import type { PointRefusalCode, PointService } from '../../../point/api.ts';
import type { PaymentResult, Result } from '../../domain/input.ts';
import type { StepCall } from '../../domain/next-step.ts';

/** The services that a checkout calls. Every call is idempotent. */
export interface CheckoutServices {
  readonly coupon: Pick<CouponService, 'reserveCoupon' | 'confirmReservation' | 'releaseReservation' | 'restoreCoupon'>;
  readonly point: Pick<PointService, 'holdPoints' | 'spendPoints' | 'captureHold' | 'releaseHold' | 'refundCapture'>;
  readonly provider: PaymentProvider;
}

type Of<Kind extends StepCall['kind']> = Extract<StepCall, { readonly kind: Kind }>;

/**
 * Executes a step and returns its result. Rejects when the outcome is unknown, or when a context refuses a call that it must not refuse.
 */
export async function executeStep(services: CheckoutServices, call: StepCall): Promise<Result> {
  const { coupon, point } = services;
  switch (call.kind) {
    case 'RESERVE_COUPON':
      return await reserveCoupon(services, call);
    case 'HOLD_POINTS': {
      const refusal = refusalIn<PointRefusalCode>(await point.holdPoints(call));
      return refusal ? { kind: 'POINTS_REFUSED', refusal } : { kind: 'POINTS_HELD' };
    }
    case 'SPEND_POINTS':
      return await spendPoints(services, call);
    case 'REQUEST_PAYMENT':
      return await requestPayment(services, call);
    case 'CONFIRM_COUPON': {
      const refusal = refusalIn<CouponRefusalCode>(await coupon.confirmReservation({ ...call, origin: ORIGIN }));
      return refusal ? { kind: 'COUPON_LOST', refusal } : { kind: 'COUPON_CONFIRMED' };
    }
    case 'CAPTURE_POINTS': {
      const refusal = refusalIn<PointRefusalCode>(await point.captureHold(call));
      return refusal ? { kind: 'POINTS_LOST', refusal } : { kind: 'POINTS_CAPTURED' };
    }
    case 'RELEASE_POINTS':
      requireNoRefusal(await point.releaseHold(call));
      return { kind: 'POINTS_RELEASED' };
    case 'RELEASE_COUPON':
      return await releaseCoupon(services, call);
  }
}

/** Reservation ids of checkouts are a space of their own, which no customer or machine can name. */
const ORIGIN = 'CHECKOUT';

async function reserveCoupon({ coupon }: CheckoutServices, call: Of<'RESERVE_COUPON'>): Promise<Result> {
  const result = resultIn(await coupon.reserveCoupon({ ...call, origin: ORIGIN }));
  if (isRefusal(result)) return { kind: 'COUPON_REFUSED', refusal: result };
  const discount = result.reservation?.discountAmount;
  if (discount === undefined) throw new Error(`${call.reservationId} was reserved without a discount`);
  return { kind: 'COUPON_RESERVED', discount, storeId: result.storeId ?? null };
}

/** The ledger bars a refused payment, so that a late call of another node takes no points. */
async function spendPoints({ point }: CheckoutServices, call: Of<'SPEND_POINTS'>): Promise<PaymentResult> {
  const { paymentId, amount } = call;
  const report = { payment: { paymentId }, source: 'DIRECT' } as const;
  const refusal = refusalIn<PointRefusalCode>(await point.spendPoints(call));
  return refusal ? { kind: 'MONEY_REFUSED', ...report, refusal } : { kind: 'MONEY_IN', ...report, amount };
}

async function requestPayment({ provider }: CheckoutServices, call: Of<'REQUEST_PAYMENT'>): Promise<PaymentResult> {
  const { paymentId, amount } = call;
  const begun = await provider.begin(call);
  const { providerRef } = begun;
  const report = { payment: { paymentId, providerRef }, source: 'DIRECT' } as const;
  switch (begun.kind) {
    case 'PENDING':
      return { kind: 'MONEY_ASKED', paymentId, providerRef, providerUrl: begun.url };
    case 'COMPLETED':
      return { kind: 'MONEY_IN', ...report, amount };
    case 'DECLINED':
      return { kind: 'MONEY_REFUSED', ...report, refusal: paymentDeclined(begun.reason) };
  }
}

async function releaseCoupon({ coupon }: CheckoutServices, call: Of<'RELEASE_COUPON'>): Promise<Result> {
  const { reservationId, userId, couponId, orderId } = call;
  const refusal = refusalIn<CouponRefusalCode>(
    await coupon.releaseReservation({ reservationId, couponId, userId, origin: ORIGIN }),
  );
  // A payment event was handled first: the coupon is used for an order that will not be paid.
  if (refusal?.code === 'COUPON_ALREADY_USED') {
    requireRestored(await coupon.restoreCoupon({ couponId, orderId, unpaid: true }));
  } else if (refusal && refusal.code !== 'RESERVATION_NOT_FOUND') {
    throw unexpected(refusal);
  }
  return { kind: 'COUPON_RELEASED' };
}

/** A refusal that contradicts this context's state is a bug and no refusal for the customer, so it is thrown. */
export function requireNoRefusal(response: ContextResponse<unknown>): void {
  const refusal = refusalIn(response);
  if (refusal) throw unexpected(refusal);
}

/** A coupon whose restoring got no response may be reserved or used for another order by now. */
export function requireRestored(response: ContextResponse<unknown>): void {
  if (refusalIn<CouponRefusalCode>(response)?.code !== 'RESERVATION_CONFLICT') requireNoRefusal(response);
}

const unexpected = ({ code, details }: Refusal): Error => new Error(`${code} ${JSON.stringify(details)}`);
