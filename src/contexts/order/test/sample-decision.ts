import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import type { OrderDecision } from '../domain/decision.ts';
import type { Order, OrderLine, Payment, Refund } from '../domain/order.ts';
import { NOW_MS } from './catalog.ts';

/** A decision made by hand, of nothing but what is named. */
export const decided = (parts: Partial<OrderDecision>): OrderDecision => ({
  outcomes: [],
  products: [],
  timeSales: [],
  bought: [],
  dailySales: [],
  newOrders: [],
  changedOrders: [],
  newPayments: [],
  changedPayments: [],
  newRefunds: [],
  changedRefunds: [],
  history: [],
  events: [],
  nowMs: NOW_MS,
  ...parts,
});

export const line = (changed: Partial<OrderLine> = {}): OrderLine => ({
  line: 1,
  productId: 1n,
  timeSaleId: null,
  productName: 'product 1',
  storeId: null,
  quantity: 2,
  unitPrice: 10_000n,
  couponDiscount: 0n,
  pointsUsed: 0n,
  refundedQuantity: 0,
  ...changed,
});

/** Of user 7, RESERVED, of two units of product 1. */
export const order = (id: bigint, changed: Partial<Order> = {}): Order => ({
  id,
  userId: 7n,
  key: `key of ${id}`,
  contentHash: 'hash',
  state: { status: 'RESERVED', step: null },
  lines: [line()],
  couponId: null,
  usePoints: 0n,
  expectedTotal: null,
  currency: 'KRW',
  subtotal: 20_000n,
  couponDiscount: 0n,
  pointsUsed: 0n,
  refundedAmount: 0n,
  refundedPoints: 0n,
  createdAtMs: NOW_MS,
  reservedAtMs: NOW_MS,
  expiresAtMs: NOW_MS + HOUR_MS,
  resumeAtMs: NOW_MS + HOUR_MS,
  attempts: 0,
  version: 1,
  ...changed,
});

export const payment = (id: bigint, orderId: bigint, changed: Partial<Payment> = {}): Payment => ({
  id,
  orderId,
  userId: 7n,
  method: 'EXTERNAL',
  amount: 20_000n,
  status: 'PENDING',
  providerRef: null,
  reportedId: null,
  providerUrl: null,
  key: `key of ${id}`,
  contentHash: 'hash',
  refusal: null,
  createdAtMs: NOW_MS,
  settledAtMs: null,
  ...changed,
});

export const refund = (id: bigint, orderId: bigint, changed: Partial<Refund> = {}): Refund => ({
  id,
  orderId,
  paymentId: 1n,
  key: `key of ${id}`,
  contentHash: 'hash',
  lines: [{ line: 1, quantity: 1, money: 9_000n, points: 1_000n }],
  money: 9_000n,
  points: 1_000n,
  restoresCoupon: false,
  step: 'MONEY',
  reason: 'does not fit, "they" say {so}',
  by: 'ADMIN:1',
  createdAtMs: NOW_MS,
  resumeAtMs: NOW_MS + 15_000,
  attempts: 0,
  ...changed,
});
