import { refuse } from '../refusals.ts';
import { cancel } from './cancellation/cancel.ts';
import { couponReleased, pointsReleased } from './cancellation/ending.ts';
import { stepFailed, timeOut } from './cancellation/expiry.ts';
import type { OrderOutcome } from './decision.ts';
import type { Command, OrderCommand, OrderResult, Result } from './input.ts';
import type { Order } from './order.ts';
import { refused } from './outcome.ts';
import { couponConfirmed, couponLost, pointsCaptured, pointsLost } from './payment/confirmation.ts';
import { pay, paymentRequested } from './payment/pay.ts';
import { paymentCompleted, paymentFailed } from './payment/payment-results.ts';
import { couponRefused, couponReserved, pointsHeld, pointsRefused } from './placement/reservation.ts';
import { refund, refundStepDone, refundStepFailed } from './refund/refund.ts';
import type { OrderUnitOfWork } from './unit-of-work.ts';

/** Applies a command or a result to its order. Refused: ORDER_NOT_FOUND, also for an order of another user. */
export function applyInput(work: OrderUnitOfWork, input: OrderCommand | OrderResult): OrderOutcome {
  const order = work.order(input.orderId);
  if (!order) return refused(refuse('ORDER_NOT_FOUND'));
  if (input.kind === 'RESULT') return recorded(work, input.result, applyResult(work, order, input.result));
  if (input.userId !== null && order.userId !== input.userId) return refused(refuse('ORDER_NOT_FOUND'));
  return recorded(work, input.command, applyCommand(work, order, input.command));
}

/** A change raises the version of the order and adds a row to its history. */
function recorded(work: OrderUnitOfWork, input: Command | Result, outcome: OrderOutcome): OrderOutcome {
  if (outcome.kind !== 'order' || !outcome.changed) return outcome;
  const row = { amount: amountOf(outcome, input), note: noteOf(input) };
  return { ...outcome, order: work.recordVersion(outcome.order, row) };
}

function applyCommand(work: OrderUnitOfWork, order: Order, command: Command): OrderOutcome {
  switch (command.kind) {
    case 'PAY':
      return pay(work, order, command);
    case 'CANCEL':
      return cancel(work, order);
    case 'REFUND':
      return refund(work, order, command);
    case 'TIME_OUT':
      return timeOut(work, order);
  }
}

function applyResult(work: OrderUnitOfWork, order: Order, result: Result): OrderOutcome {
  switch (result.kind) {
    case 'COUPON_RESERVED':
      return couponReserved(work, order, result);
    case 'COUPON_REFUSED':
      return couponRefused(work, order, result.refusal);
    case 'POINTS_HELD':
      return pointsHeld(work, order);
    case 'POINTS_REFUSED':
      return pointsRefused(work, order, result.refusal);
    case 'MONEY_ASKED':
      return paymentRequested(work, order, result);
    case 'MONEY_IN':
      return paymentCompleted(work, order, result);
    case 'MONEY_REFUSED':
      return paymentFailed(work, order, result);
    case 'COUPON_CONFIRMED':
      return couponConfirmed(work, order);
    case 'COUPON_LOST':
      return couponLost(work, order, result.refusal);
    case 'POINTS_CAPTURED':
      return pointsCaptured(work, order);
    case 'POINTS_LOST':
      return pointsLost(work, order, result.refusal);
    case 'POINTS_RELEASED':
      return pointsReleased(work, order);
    case 'COUPON_RELEASED':
      return couponReleased(work, order);
    case 'STEP_FAILED':
      return stepFailed(work, order, result.step);
    case 'REFUND_STEP':
      return refundStepDone(work, order, result);
    case 'REFUND_FAILED':
      return refundStepFailed(work, order, result);
  }
}

function amountOf({ order, refund: made }: Extract<OrderOutcome, { kind: 'order' }>, input: Command | Result): bigint {
  return input.kind === 'REFUND' && made ? made.money + made.points : order.subtotal - order.couponDiscount;
}

function noteOf(input: Command | Result): string {
  if (input.kind === 'REFUND') return `REFUND ${input.reason}`;
  if ('refusal' in input) return `${input.kind} ${input.refusal.code}`;
  return 'step' in input ? `${input.kind} ${input.step}` : input.kind;
}
