import type { OrderOutcome } from '../domain/decision.ts';
import type { Command, OrderCommand, OrderResult, PlaceCommand, Result } from '../domain/input.ts';
import type { Order } from '../domain/order.ts';
import type { OrderRules } from '../domain/unit-of-work.ts';
import { NOW_MS } from './catalog.ts';

export const RESERVATION_MS = 600_000;
export const OPEN_MAX = 20;

export const rulesAt = (nextId: () => bigint, nowMs = NOW_MS): OrderRules => ({
  nowMs,
  nextId,
  reservationMs: RESERVATION_MS,
  currency: 'KRW',
  openOrdersMax: OPEN_MAX,
});

/** By default one unit of product 1. */
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

/** What may be applied to an order that exists. */
export type Change = Command | Result;

/** @param userId the owner that a command requires; results require none */
export function inputFor(orderId: bigint, change: Change, userId: bigint | null = null): OrderCommand | OrderResult {
  switch (change.kind) {
    case 'PAY':
    case 'CANCEL':
    case 'REFUND':
    case 'TIME_OUT':
      return { kind: 'COMMAND', orderId, userId, command: change };
    default:
      return { kind: 'RESULT', orderId, result: change };
  }
}

/** Makes a batch load the order. Changes nothing before the order's time is over. */
export const checkTimeOut = (orderId: bigint): OrderCommand | OrderResult => inputFor(orderId, { kind: 'TIME_OUT' });

export const pay = (
  orderId: bigint,
  key = 'pay',
  method: 'POINTS' | 'EXTERNAL' = 'EXTERNAL',
): OrderCommand | OrderResult => inputFor(orderId, { kind: 'PAY', method, key, contentHash: `hash of ${key}` });

export const refund = (
  orderId: bigint,
  key: string,
  lines: readonly { readonly line: number; readonly quantity: number }[] = [],
): OrderCommand | OrderResult =>
  inputFor(orderId, {
    kind: 'REFUND',
    key,
    contentHash: `hash of ${key}`,
    lines,
    stores: null,
    reason: 'a test',
    by: 'ADMIN:1',
  });

/** The result of the order's step when it succeeds; `discount` is that of its coupon. */
export function successOf({ state, subtotal, couponDiscount, pointsUsed }: Order, discount = 0n): Change | undefined {
  switch (state.step) {
    case null:
      return undefined;
    case 'RESERVE_COUPON':
      return { kind: 'COUPON_RESERVED', discount, storeId: null };
    case 'HOLD_POINTS':
      return { kind: 'POINTS_HELD' };
    case 'TAKE_MONEY': {
      const { paymentId } = state;
      const amount = subtotal - couponDiscount - pointsUsed;
      return { kind: 'MONEY_IN', payment: { paymentId }, amount, source: 'DIRECT' };
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

export const outcomeCodes = (outcomes: readonly OrderOutcome[]): string[] =>
  outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind));
