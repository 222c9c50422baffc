import { minOf } from '../../../../platform/kernel/money.ts';
import { type OrderRefusal, refuse } from '../../refusals.ts';
import { isHidden } from '../catalog/product.ts';
import type { OrderOutcome } from '../decision.ts';
import type { Item, PlaceCommand } from '../input.ts';
import { type OrderLine, totalOf } from '../order.ts';
import { refused } from '../outcome.ts';
import { isOver, timeSaleStatus } from '../time-sale/time-sale.ts';
import { moveToStep, type OrderWithoutState } from '../transitions.ts';
import type { OrderUnitOfWork } from '../unit-of-work.ts';
import { reserveUnits } from '../units.ts';
import { NO_DISCOUNT, priced } from './price.ts';
import { holdPointsOrReserve } from './reservation.ts';

/**
 * Creates an order and reserves all its units, or refuses it. A refusal is not stored: a repeat with the same key is decided again.
 */
export function place(work: OrderUnitOfWork, command: PlaceCommand): OrderOutcome {
  const { userId, key, contentHash } = command;
  const before = work.findByIdempotencyKey(userId, key);
  if (before) {
    if (before.contentHash !== contentHash) return refused(refuse('IDEMPOTENCY_KEY_REUSED'));
    return { kind: 'placed', order: before, replayed: true };
  }
  const { openOrdersMax } = work.rules;
  if (work.openOrders(userId) >= openOrdersMax) {
    return refused(refuse('OPEN_ORDER_LIMIT_EXCEEDED', { limit: String(openOrdersMax) }));
  }
  const lines: OrderLine[] = [];
  for (const item of command.items) {
    const line = lineOf(work, userId, item, lines.length + 1);
    if ('code' in line) return refused(line);
    lines.push(line);
  }
  return createOrder(work, command, lines);
}

/** Returns the line at the present price, or a refusal. No two items share a stock, so each is checked alone. */
function lineOf(work: OrderUnitOfWork, userId: bigint, item: Item, line: number): OrderLine | OrderRefusal {
  const { productId, timeSaleId, quantity } = item;
  const product = work.product(productId);
  const details = { timeSaleId: String(timeSaleId) };
  // Who orders at a sale over HTTP names no product.
  if (!product || isHidden(product))
    return timeSaleId === null
      ? refuse('PRODUCT_NOT_FOUND', { productId: String(productId) })
      : refuse('TIME_SALE_NOT_FOUND', details);
  const fixed = { line, productId, timeSaleId, productName: product.name, storeId: product.storeId, quantity };
  const shares = { couponDiscount: 0n, pointsUsed: 0n, refundedQuantity: 0 };
  if (timeSaleId === null) {
    if (product.stock < quantity) return refuse('OUT_OF_STOCK', { productId: String(productId) });
    return { ...fixed, unitPrice: product.price, ...shares };
  }
  const sale = work.timeSale(timeSaleId);
  if (!sale || sale.productId !== productId) return refuse('TIME_SALE_NOT_FOUND', details);
  const { nowMs } = work.rules;
  const status = isOver(sale, nowMs) ? 'ENDED' : timeSaleStatus(sale, nowMs);
  if (status === 'SCHEDULED' || status === 'ENDED')
    return refuse('TIME_SALE_NOT_ACTIVE', { ...details, saleStatus: status });
  const bought = work.bought(timeSaleId, userId) ?? 0;
  if (bought + quantity > sale.limitPerUser) {
    const limit = String(sale.limitPerUser);
    return refuse('PURCHASE_LIMIT_EXCEEDED', { ...details, limit, bought: String(bought) });
  }
  if (sale.stock < quantity) return refuse('OUT_OF_STOCK', { productId: String(productId), ...details });
  // The price of the product may have fallen below that of the sale.
  return { ...fixed, unitPrice: minOf(sale.salePrice, product.price), ...shares };
}

function createOrder(work: OrderUnitOfWork, command: PlaceCommand, lines: readonly OrderLine[]): OrderOutcome {
  const { userId, key, contentHash, couponId, usePoints, expectedTotal } = command;
  // With a coupon, the points are limited once its discount is known.
  const price = priced(lines, NO_DISCOUNT, couponId === null ? usePoints : 0n);
  const total = totalOf(price);
  if (couponId === null && expectedTotal !== null && expectedTotal !== total) {
    return refused(refuse('PRICE_CHANGED', { total: String(total) }));
  }
  for (const line of lines) reserveUnits(work, userId, line);
  work.changeOpenOrders(userId, 1);
  const { nowMs, nextId, reservationMs, currency } = work.rules;
  const draft: OrderWithoutState = {
    id: nextId(),
    userId,
    key,
    contentHash,
    couponId,
    usePoints,
    expectedTotal,
    currency,
    ...price,
    refundedAmount: 0n,
    refundedPoints: 0n,
    createdAtMs: nowMs,
    reservedAtMs: null,
    expiresAtMs: nowMs + reservationMs,
    version: 0,
  };
  const order =
    couponId === null
      ? holdPointsOrReserve(work, draft)
      : moveToStep(work, draft, { status: 'PENDING', step: 'RESERVE_COUPON' });
  return {
    kind: 'placed',
    order: work.recordVersion(order, { amount: order.subtotal, note: 'PLACE' }),
    replayed: false,
  };
}
