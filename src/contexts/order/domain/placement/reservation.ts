import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { refuse } from '../../refusals.ts';
import { beginEnding, finishEnding } from '../cancellation/ending.ts';
import type { OrderOutcome } from '../decision.ts';
import type { ResultOf } from '../input.ts';
import { type Order, totalOf } from '../order.ts';
import { unchanged, updated } from '../outcome.ts';
import { awaitPayment, moveToStep, type OrderWithoutState } from '../transitions.ts';
import type { OrderUnitOfWork } from '../unit-of-work.ts';
import { priced } from './price.ts';

/** Continues when the coupon is reserved or there is none. */
export function holdPointsOrReserve(work: OrderUnitOfWork, order: OrderWithoutState): Order {
  if (order.pointsUsed > 0n) return moveToStep(work, order, { status: 'PENDING', step: 'HOLD_POINTS' });
  return markReserved(work, order);
}

function markReserved(work: OrderUnitOfWork, order: OrderWithoutState): Order {
  const reserved = awaitPayment(work, { ...order, reservedAtMs: work.rules.nowMs });
  work.publish({ topic: 'order.reserved', order: reserved });
  return reserved;
}

export function couponReserved(
  work: OrderUnitOfWork,
  order: Order,
  { discount: amount, storeId }: ResultOf<'COUPON_RESERVED'>,
): OrderOutcome {
  if (order.state.step !== 'RESERVE_COUPON') return unchanged(order);
  const { lines, usePoints, expectedTotal } = order;
  const discount = { amount, storeId };
  const discounted = { ...order, ...priced(lines, discount, usePoints) };
  const total = totalOf(discounted);
  if (expectedTotal === null || expectedTotal === total) return updated(holdPointsOrReserve(work, discounted));
  const changed = refuse('PRICE_CHANGED', { total: String(total) });
  // With 0 points, because none were held: the ending must not release any.
  const withoutPoints = { ...order, ...priced(lines, discount, 0n) };
  return updated(beginEnding(work, withoutPoints, { status: 'FAILED', refusal: changed }));
}

export const couponRefused = (work: OrderUnitOfWork, order: Order, why: Refusal): OrderOutcome =>
  order.state.step === 'RESERVE_COUPON'
    ? updated(finishEnding(work, order, { status: 'FAILED', refusal: why }))
    : unchanged(order);

export const pointsHeld = (work: OrderUnitOfWork, order: Order): OrderOutcome =>
  order.state.step === 'HOLD_POINTS' ? updated(markReserved(work, order)) : unchanged(order);

export const pointsRefused = (work: OrderUnitOfWork, order: Order, why: Refusal): OrderOutcome =>
  order.state.step === 'HOLD_POINTS'
    ? updated(beginEnding(work, order, { status: 'FAILED', refusal: why }))
    : unchanged(order);
