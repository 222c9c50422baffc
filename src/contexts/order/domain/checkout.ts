import { cancel, couponReleased, pointsReleased, stepFailed, timeOut } from './checkout-ending.ts';
import {
  couponConfirmed,
  couponLost,
  couponRefused,
  couponReserved,
  pointsCaptured,
  pointsHeld,
  pointsLost,
  pointsRefused,
} from './checkout-steps.ts';
import type { Fact, FactCommand } from './command.ts';
import type { OrderOutcome } from './decision.ts';
import { moneyIn, moneyRefused } from './money.ts';
import type { Order } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import { refused } from './outcome.ts';
import { moneyAsked, pay } from './pay.ts';
import { refund, refundFailed, refundStep } from './refund.ts';

/** Tells an order what has happened, or is wanted. */
export function tell(desk: OrderDesk, { orderId, userId, fact }: FactCommand): OrderOutcome {
  const order = desk.order(orderId);
  if (!order || (userId !== null && order.userId !== userId)) return refused('ORDER_NOT_FOUND');
  const outcome = decide(desk, order, fact);
  if (outcome.kind !== 'order' || !outcome.changed) return outcome;
  return { ...outcome, order: desk.record(outcome.order, { amount: amountOf(outcome, fact), note: noteOf(fact) }) };
}

function decide(desk: OrderDesk, order: Order, fact: Fact): OrderOutcome {
  switch (fact.kind) {
    case 'COUPON_RESERVED':
      return couponReserved(desk, order, fact.discount);
    case 'COUPON_REFUSED':
      return couponRefused(desk, order, fact.refusal);
    case 'POINTS_HELD':
      return pointsHeld(desk, order);
    case 'POINTS_REFUSED':
      return pointsRefused(desk, order, fact.refusal);
    case 'POINTS_LOST':
      return pointsLost(desk, order, fact.refusal);
    case 'PAY':
      return pay(desk, order, fact);
    case 'MONEY_ASKED':
      return moneyAsked(desk, order, fact);
    case 'MONEY_IN':
      return moneyIn(desk, order, fact);
    case 'MONEY_REFUSED':
      return moneyRefused(desk, order, fact);
    case 'COUPON_CONFIRMED':
      return couponConfirmed(desk, order);
    case 'COUPON_LOST':
      return couponLost(desk, order, fact.refusal);
    case 'POINTS_CAPTURED':
      return pointsCaptured(desk, order);
    case 'CANCEL':
      return cancel(desk, order);
    case 'TIME_OUT':
      return timeOut(desk, order);
    case 'STEP_FAILED':
      return stepFailed(desk, order, fact.step);
    case 'POINTS_RELEASED':
      return pointsReleased(desk, order);
    case 'COUPON_RELEASED':
      return couponReleased(desk, order);
    case 'REFUND':
      return refund(desk, order, fact);
    case 'REFUND_STEP':
      return refundStep(desk, order, fact);
    case 'REFUND_FAILED':
      return refundFailed(desk, order, fact);
  }
}

function amountOf({ order, refund: made }: Extract<OrderOutcome, { kind: 'order' }>, fact: Fact): bigint {
  return fact.kind === 'REFUND' && made ? made.money + made.points : order.subtotal - order.couponDiscount;
}

function noteOf(fact: Fact): string {
  if (fact.kind === 'REFUND') return `REFUND ${fact.reason}`;
  if ('refusal' in fact) return `${fact.kind} ${fact.refusal.code}`;
  return 'step' in fact ? `${fact.kind} ${fact.step}` : fact.kind;
}
