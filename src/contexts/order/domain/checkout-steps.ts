import type { Refusal } from '../../../platform/kernel/refusal.ts';
import { end, ended } from './checkout-ending.ts';
import type { OrderOutcome } from './decision.ts';
import { couponTaken, couponUsed, paid, reserved } from './forward.ts';
import { type Order, totalOf } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import { moved, refusal, same } from './outcome.ts';
import { priced } from './price.ts';
import { giveMoneyBack } from './refund.ts';

export function couponReserved(desk: OrderDesk, order: Order, discount: bigint): OrderOutcome {
  if (order.state.step !== 'RESERVE_COUPON') return same(order);
  const { lines, usePoints, expectedTotal } = order;
  const known = { ...order, ...priced(lines, discount, usePoints) };
  const total = totalOf(known);
  if (expectedTotal === null || expectedTotal === total) return moved(couponTaken(desk, known));
  const changed = refusal('PRICE_CHANGED', { total: String(total) });
  // No points were ever to be held, so that none are released.
  return moved(end(desk, { ...order, ...priced(lines, discount, 0n) }, { status: 'FAILED', refusal: changed }));
}

export const couponRefused = (desk: OrderDesk, order: Order, why: Refusal): OrderOutcome =>
  order.state.step === 'RESERVE_COUPON' ? moved(ended(desk, order, { status: 'FAILED', refusal: why })) : same(order);

export const pointsHeld = (desk: OrderDesk, order: Order): OrderOutcome =>
  order.state.step === 'HOLD_POINTS' ? moved(reserved(desk, order)) : same(order);

export const pointsRefused = (desk: OrderDesk, order: Order, why: Refusal): OrderOutcome =>
  order.state.step === 'HOLD_POINTS' ? moved(end(desk, order, { status: 'FAILED', refusal: why })) : same(order);

export const couponConfirmed = (desk: OrderDesk, order: Order): OrderOutcome =>
  order.state.step === 'CONFIRM_COUPON' ? moved(couponUsed(desk, order, order.state.paymentId)) : same(order);

export const couponLost = (desk: OrderDesk, order: Order, why: Refusal): OrderOutcome =>
  order.state.step === 'CONFIRM_COUPON' ? fail(desk, order, order.state.paymentId, why) : same(order);

export const pointsCaptured = (desk: OrderDesk, order: Order): OrderOutcome =>
  order.state.step === 'CAPTURE_POINTS' ? moved(paid(desk, order, order.state.paymentId)) : same(order);

export const pointsLost = (desk: OrderDesk, order: Order, why: Refusal): OrderOutcome =>
  order.state.step === 'CAPTURE_POINTS' ? fail(desk, order, order.state.paymentId, why) : same(order);

/** The money is here, and what it was to be used with is not. */
function fail(desk: OrderDesk, order: Order, paymentId: bigint, why: Refusal): OrderOutcome {
  const payment = desk.payments(order.id).find(({ id }) => id === paymentId);
  if (!payment) throw new Error(`payment ${paymentId} was not loaded`);
  const back = giveMoneyBack(desk, payment, why.code);
  return moved(end(desk, order, { status: 'FAILED', refusal: why }), back);
}
