import type { Fact, FactCommand, PlaceCommand } from '../domain/command.ts';
import type { OrderOutcome } from '../domain/decision.ts';
import type { Order } from '../domain/order.ts';
import type { OrderRules } from '../domain/order-desk.ts';
import { NOW_MS } from './goods.ts';

export const RESERVATION_MS = 600_000;
export const OPEN_MAX = 20;

export const rulesAt = (nextId: () => bigint, nowMs = NOW_MS): OrderRules => ({
  nowMs,
  nextId,
  reservationMs: RESERVATION_MS,
  openOrdersMax: OPEN_MAX,
});

/** One unit of product 1 unless said otherwise. */
export const place = (userId: bigint, key: string, changed: Partial<PlaceCommand> = {}): PlaceCommand => ({
  kind: 'PLACE',
  userId,
  key,
  contentHash: `hash of ${key}`,
  items: [{ productId: 1n, timeSaleId: null, quantity: 1 }],
  couponId: null,
  usePoints: 0n,
  expectedTotal: null,
  ...changed,
});

export const tell = (orderId: bigint, fact: Fact): FactCommand => ({ kind: 'FACT', orderId, userId: null, fact });

/** Changes nothing by itself before the order's time is over: it makes a batch look at the order. */
export const look = (orderId: bigint): FactCommand => tell(orderId, { kind: 'TIME_OUT' });

export const pay = (orderId: bigint, key = 'pay', method: 'POINTS' | 'EXTERNAL' = 'EXTERNAL'): FactCommand =>
  tell(orderId, { kind: 'PAY', method, key, contentHash: `hash of ${key}` });

export const refund = (
  orderId: bigint,
  key: string,
  lines: readonly { readonly line: number; readonly quantity: number }[] = [],
): FactCommand =>
  tell(orderId, { kind: 'REFUND', key, contentHash: `hash of ${key}`, lines, reason: 'a test', by: 'ADMIN:1' });

/** What the other contexts say when all goes well; `discount`: what a coupon takes off. */
export function answerTo({ state, subtotal, couponDiscount, pointsUsed }: Order, discount = 0n): Fact | undefined {
  switch (state.step) {
    case null:
      return undefined;
    case 'RESERVE_COUPON':
      return { kind: 'COUPON_RESERVED', discount };
    case 'HOLD_POINTS':
      return { kind: 'POINTS_HELD' };
    case 'TAKE_MONEY': {
      const { paymentId } = state;
      const amount = subtotal - couponDiscount - pointsUsed;
      return { kind: 'MONEY_IN', payment: { paymentId }, amount, heard: 'DIRECTLY' };
    }
    case 'CONFIRM_COUPON':
      return { kind: 'COUPON_CONFIRMED' };
    case 'CAPTURE_POINTS':
      return { kind: 'POINTS_CAPTURED' };
    case 'RELEASE_POINTS':
      return { kind: 'POINTS_RELEASED' };
    case 'RELEASE_COUPON':
      return { kind: 'COUPON_RELEASED' };
  }
}

/** The order that an outcome is about. */
export function orderIn(outcome: OrderOutcome | undefined): Order {
  if (!outcome || outcome.kind === 'refused') throw new Error(`no order: ${JSON.stringify(outcome)}`);
  return outcome.order;
}

export const toldBy = (outcomes: readonly OrderOutcome[]): string[] =>
  outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind));
