import type { Order, OrderState } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import { sellUnits } from './units.ts';

/** A request is normally at a step; the scheduler looks after this time. */
export const STEP_MS = 15_000;

/** Everything of an order but where it stands. */
export type Standing = Omit<Order, 'state' | 'attempts' | 'resumeAtMs'>;

/** `state` names something that has to be done. */
export const toStep = (desk: OrderDesk, order: Standing, state: OrderState): Order =>
  desk.keep({ ...order, state, attempts: 0, resumeAtMs: desk.rules.nowMs + STEP_MS });

/** Has all it needs and waits for the customer, or for the provider. */
export const toRest = (desk: OrderDesk, order: Standing): Order =>
  desk.keep({ ...order, state: { status: 'RESERVED', step: null }, attempts: 0, resumeAtMs: order.expiresAtMs });

/** There is nothing more to do, unless somebody asks for a refund. */
export const toEnd = (desk: OrderDesk, order: Standing, state: OrderState): Order =>
  desk.keep({ ...order, state, attempts: 0, resumeAtMs: Number.POSITIVE_INFINITY });

/** The coupon is reserved, or there is none. */
export function couponTaken(desk: OrderDesk, order: Standing): Order {
  if (order.pointsUsed > 0n) return toStep(desk, order, { status: 'PENDING', step: 'HOLD_POINTS' });
  return reserved(desk, order);
}

export function reserved(desk: OrderDesk, order: Standing): Order {
  const resting = toRest(desk, { ...order, reservedAtMs: desk.rules.nowMs });
  desk.publish({ topic: 'order.reserved', order: resting });
  return resting;
}

/** All that is to pay is here. */
export function moneyTaken(desk: OrderDesk, order: Order, paymentId: bigint): Order {
  if (order.couponId === null) return couponUsed(desk, order, paymentId);
  return toStep(desk, order, { status: 'RESERVED', step: 'CONFIRM_COUPON', paymentId });
}

/** The coupon is used, or there is none. */
export function couponUsed(desk: OrderDesk, order: Order, paymentId: bigint): Order {
  if (order.pointsUsed === 0n) return paid(desk, order, paymentId);
  return toStep(desk, order, { status: 'RESERVED', step: 'CAPTURE_POINTS', paymentId });
}

export function paid(desk: OrderDesk, order: Order, paymentId: bigint): Order {
  const paidAtMs = desk.rules.nowMs;
  sellUnits(desk, order, paidAtMs);
  desk.changeOpenOrders(order.userId, -1);
  const done = toEnd(desk, order, { status: 'PAID', step: null, paymentId, paidAtMs });
  desk.publish({ topic: 'order.paid', order: done });
  return done;
}
