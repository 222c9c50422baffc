import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { Item, PlaceCommand } from './command.ts';
import type { OrderOutcome } from './decision.ts';
import { couponTaken, type Standing, toStep } from './forward.ts';
import { type OrderLine, totalOf } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import { refusal, refused, refusedWith } from './outcome.ts';
import { priced } from './price.ts';
import { isOver, timeSaleStatus } from './time-sale.ts';
import { reserveUnits } from './units.ts';

/** Makes an order and takes the units it wants, or takes nothing. A refusal is not remembered: the same key is decided anew. */
export function place(desk: OrderDesk, command: PlaceCommand): OrderOutcome {
  const { userId, key, contentHash } = command;
  const before = desk.placedWith(userId, key);
  if (before) {
    if (before.contentHash !== contentHash) return refused('IDEMPOTENCY_KEY_REUSED');
    return { kind: 'placed', order: before, replayed: true };
  }
  const { openOrdersMax } = desk.rules;
  if (desk.openOrders(userId) >= openOrdersMax) {
    return refused('OPEN_ORDER_LIMIT_EXCEEDED', { limit: String(openOrdersMax) });
  }
  const lines: OrderLine[] = [];
  for (const item of command.items) {
    const line = lineOf(desk, userId, item, lines.length + 1);
    if ('code' in line) return refusedWith(line);
    lines.push(line);
  }
  return take(desk, command, lines);
}

/** The line at today's price, or why it cannot be had. No two items are of the same stock, so that each is checked alone. */
function lineOf(desk: OrderDesk, userId: bigint, item: Item, line: number): OrderLine | Refusal {
  const { productId, timeSaleId, quantity } = item;
  const product = desk.product(productId);
  if (!product || product.hidden) return refusal('PRODUCT_NOT_FOUND', { productId: String(productId) });
  const frozen = { line, productId, timeSaleId, productName: product.name, quantity };
  const shares = { couponDiscount: 0n, pointsUsed: 0n, refundedQuantity: 0 };
  if (timeSaleId === null) {
    if (product.stock < quantity) return refusal('OUT_OF_STOCK', { productId: String(productId) });
    return { ...frozen, unitPrice: product.price, ...shares };
  }
  const sale = desk.timeSale(timeSaleId);
  const named = { timeSaleId: String(timeSaleId) };
  if (!sale || sale.productId !== productId) return refusal('TIME_SALE_NOT_FOUND', named);
  const { nowMs } = desk.rules;
  const status = isOver(sale, nowMs) ? 'ENDED' : timeSaleStatus(sale, nowMs);
  if (status === 'SCHEDULED' || status === 'ENDED')
    return refusal('TIME_SALE_NOT_ACTIVE', { ...named, saleStatus: status });
  const bought = desk.bought(timeSaleId, userId) ?? 0;
  if (bought + quantity > sale.limitPerUser) {
    const limit = String(sale.limitPerUser);
    return refusal('PURCHASE_LIMIT_EXCEEDED', { ...named, limit, bought: String(bought) });
  }
  if (sale.stock < quantity) return refusal('OUT_OF_STOCK', { productId: String(productId), ...named });
  return { ...frozen, unitPrice: sale.salePrice, ...shares };
}

function take(desk: OrderDesk, command: PlaceCommand, lines: readonly OrderLine[]): OrderOutcome {
  const { userId, key, contentHash, couponId, usePoints, expectedTotal } = command;
  // With a coupon, what points may pay shows when its discount is known.
  const price = priced(lines, 0n, couponId === null ? usePoints : 0n);
  const total = totalOf(price);
  if (couponId === null && expectedTotal !== null && expectedTotal !== total) {
    return refused('PRICE_CHANGED', { total: String(total) });
  }
  for (const line of lines) reserveUnits(desk, userId, line);
  desk.changeOpenOrders(userId, 1);
  const { nowMs, nextId, reservationMs } = desk.rules;
  const draft: Standing = {
    id: nextId(),
    userId,
    key,
    contentHash,
    couponId,
    usePoints,
    expectedTotal,
    ...price,
    refundedAmount: 0n,
    refundedPoints: 0n,
    createdAtMs: nowMs,
    reservedAtMs: null,
    expiresAtMs: nowMs + reservationMs,
    version: 0,
  };
  const order =
    couponId === null ? couponTaken(desk, draft) : toStep(desk, draft, { status: 'PENDING', step: 'RESERVE_COUPON' });
  return {
    kind: 'placed',
    order: desk.record(order, { amount: order.subtotal, note: 'PLACE' }),
    replayed: false,
  };
}
