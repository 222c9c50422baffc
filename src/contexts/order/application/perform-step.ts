import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { CouponService } from '../../coupon/api.ts';
import type { PointService } from '../../point/api.ts';
import type { Fact } from '../domain/command.ts';
import type { NextAction } from '../domain/next-action.ts';
import { declined } from './declined.ts';
import type { PaymentProvider } from './ports.ts';

/** Whom a checkout calls. Every call may be repeated and has its effect once. */
export interface CheckoutServices {
  readonly coupon: Pick<CouponService, 'reserveCoupon' | 'confirmReservation' | 'releaseReservation' | 'restoreCoupon'>;
  readonly point: Pick<PointService, 'holdPoints' | 'spendPoints' | 'captureHold' | 'releaseHold' | 'refundCapture'>;
  readonly provider: PaymentProvider;
}

type Of<Kind extends NextAction['kind']> = Extract<NextAction, { readonly kind: Kind }>;

/**
 * Does what an order waits for and tells what came of it. Throws when that is not known, or when a context answers what no
 * checkout that keeps its order can be answered.
 */
export async function performStep(services: CheckoutServices, action: NextAction): Promise<Fact> {
  const { coupon, point } = services;
  switch (action.kind) {
    case 'RESERVE_COUPON':
      return await reserveCoupon(services, action);
    case 'HOLD_POINTS': {
      const refusal = refusalIn(await point.holdPoints(action));
      return refusal ? { kind: 'POINTS_REFUSED', refusal } : { kind: 'POINTS_HELD' };
    }
    case 'PAY_POINTS':
      return await payPoints(services, action);
    case 'ASK_PROVIDER':
      return await askProvider(services, action);
    case 'CONFIRM_COUPON': {
      const refusal = refusalIn(await coupon.confirmReservation(action));
      return refusal ? { kind: 'COUPON_LOST', refusal } : { kind: 'COUPON_CONFIRMED' };
    }
    case 'CAPTURE_POINTS': {
      const refusal = refusalIn(await point.captureHold(action));
      return refusal ? { kind: 'POINTS_LOST', refusal } : { kind: 'POINTS_CAPTURED' };
    }
    case 'RELEASE_POINTS':
      mustNotRefuse(await point.releaseHold(action));
      return { kind: 'POINTS_RELEASED' };
    case 'RELEASE_COUPON':
      return await releaseCoupon(services, action);
  }
}

async function reserveCoupon({ coupon }: CheckoutServices, action: Of<'RESERVE_COUPON'>): Promise<Fact> {
  const { outcome } = await coupon.reserveCoupon(action);
  if (outcome?.$case === 'refusal') return { kind: 'COUPON_REFUSED', refusal: outcome.value };
  const discount = outcome?.value.reservation?.discountAmount;
  if (discount === undefined) throw new Error(`${action.reservationId} was reserved without a discount`);
  return { kind: 'COUPON_RESERVED', discount };
}

/** What is refused stays refused, so that another driver's late call takes nothing. */
async function payPoints({ point }: CheckoutServices, action: Of<'PAY_POINTS'>): Promise<Fact> {
  const { paymentId, amount } = action;
  const money = { payment: { paymentId }, heard: 'DIRECTLY' } as const;
  const refusal = refusalIn(await point.spendPoints(action));
  return refusal ? { kind: 'MONEY_REFUSED', ...money, refusal } : { kind: 'MONEY_IN', ...money, amount };
}

async function askProvider({ provider }: CheckoutServices, action: Of<'ASK_PROVIDER'>): Promise<Fact> {
  const { paymentId, amount } = action;
  const answer = await provider.begin(action);
  const { providerRef } = answer;
  const money = { payment: { paymentId, providerRef }, heard: 'DIRECTLY' } as const;
  switch (answer.kind) {
    case 'PENDING':
      return { kind: 'MONEY_ASKED', paymentId, providerRef, providerUrl: answer.url };
    case 'COMPLETED':
      return { kind: 'MONEY_IN', ...money, amount };
    case 'DECLINED':
      return { kind: 'MONEY_REFUSED', ...money, refusal: declined(answer.reason) };
  }
}

async function releaseCoupon({ coupon }: CheckoutServices, action: Of<'RELEASE_COUPON'>): Promise<Fact> {
  const { reservationId, userId, couponId, orderId } = action;
  const refusal = refusalIn(await coupon.releaseReservation({ reservationId, userId }));
  // News of a payment was faster: the coupon is used for an order that is not going to be paid.
  if (refusal?.code === 'COUPON_ALREADY_USED') {
    isRestored(await coupon.restoreCoupon({ couponId, orderId, unpaid: true }));
  } else if (refusal && refusal.code !== 'RESERVATION_NOT_FOUND') {
    throw unexpected(refusal);
  }
  return { kind: 'COUPON_RELEASED' };
}

interface Answer {
  readonly outcome?: { readonly $case: string; readonly value: unknown } | undefined;
}

function refusalIn({ outcome }: Answer): Refusal | undefined {
  if (outcome === undefined) throw new Error('a context answered without an outcome');
  return outcome.$case === 'refusal' ? (outcome.value as Refusal) : undefined;
}

/** What contradicts the books of this context is no refusal of the customer's, but somebody's bug: it must not pass unseen. */
export function mustNotRefuse(answer: Answer): void {
  const refusal = refusalIn(answer);
  if (refusal) throw unexpected(refusal);
}

/** A coupon that came back before, of which no answer was heard, may be used for another order by now. */
export function isRestored(answer: Answer): void {
  if (refusalIn(answer)?.code !== 'RESERVATION_CONFLICT') mustNotRefuse(answer);
}

const unexpected = ({ code, details }: Refusal): Error => new Error(`${code} ${JSON.stringify(details)}`);
