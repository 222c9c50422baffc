import { expect } from 'vitest';
import { buyerKey } from '../domain/decision.ts';
import { isOpen, type Order, type OrderLine, statusOf, totalOf } from '../domain/order.ts';
import { costOf, moneyOf } from '../domain/placement/price.ts';
import { OPEN_MAX, USERS, type World } from './histories.ts';

const sum = <Row>(rows: Iterable<Row>, of: (row: Row) => number): number =>
  [...rows].reduce((all, row) => all + of(row), 0);
const total = <Row>(rows: Iterable<Row>, of: (row: Row) => bigint): bigint =>
  [...rows].reduce((all, row) => all + of(row), 0n);
const isPaid = ({ state: { status } }: Order) => status === 'PAID' || status === 'REFUNDED';

/** Counted from the orders alone, and compared with everything that was written beside them. */
export function expectConsistent(world: World): void {
  expectUnits(world);
  for (const order of world.state.orders.values()) {
    expectAmounts(order);
    expectMoney(world, order);
    expectHistoryAndEvents(world, order);
  }
}

function expectUnits({ state: { products, timeSales, bought, dailySales, orders } }: World): void {
  const unitsOf = (wanted: (line: OrderLine, order: Order) => boolean, units: (line: OrderLine) => number) =>
    sum(orders.values(), (order) =>
      sum(
        order.lines.filter((line) => wanted(line, order)),
        units,
      ),
    );
  const kept = ({ quantity, refundedQuantity }: OrderLine) => quantity - refundedQuantity;
  for (const { id, supplied, stock, reserved, sold } of products.values()) {
    const inTimeSales = sum(
      [...timeSales.values()].filter((sale) => sale.productId === id),
      (sale) => sale.stock + sale.reserved,
    );
    expect(supplied).toBe(stock + reserved + sold + inTimeSales);
    expect(Math.min(stock, reserved, sold)).toBeGreaterThanOrEqual(0);
    const own = (line: OrderLine) => line.productId === id;
    expect(reserved).toBe(unitsOf((line, order) => own(line) && line.timeSaleId === null && isOpen(order), kept));
    expect(sold).toBe(unitsOf((line, order) => own(line) && isPaid(order), kept));
    expect(sold).toBe(
      sum(
        [...dailySales.values()].filter(({ productId }) => productId === id),
        ({ quantity }) => quantity,
      ),
    );
  }
  for (const { id, quantity, stock, reserved, sold, returned, limitHighest } of timeSales.values()) {
    expect(quantity).toBe(stock + reserved + sold + returned);
    expect(Math.min(stock, reserved, sold, returned)).toBeGreaterThanOrEqual(0);
    const own = (line: OrderLine) => line.timeSaleId === id;
    expect(reserved).toBe(unitsOf((line, order) => own(line) && isOpen(order), kept));
    expect(sold).toBe(unitsOf((line, order) => own(line) && isPaid(order), kept));
    for (const userId of USERS) {
      const has = unitsOf(
        (line, order) => own(line) && order.userId === userId && (isOpen(order) || isPaid(order)),
        kept,
      );
      expect(bought.get(buyerKey(id, userId)) ?? 0).toBe(has);
      expect(has).toBeLessThanOrEqual(limitHighest);
    }
  }
  for (const userId of USERS) {
    const open = [...orders.values()].filter((order) => order.userId === userId && isOpen(order));
    expect(open.length).toBeLessThanOrEqual(OPEN_MAX);
  }
}

function expectAmounts(order: Order): void {
  const { lines, subtotal, couponDiscount, pointsUsed } = order;
  expect(total(lines, costOf)).toBe(subtotal);
  expect(total(lines, (line) => line.couponDiscount)).toBe(couponDiscount);
  expect(total(lines, (line) => line.pointsUsed)).toBe(pointsUsed);
  expect(totalOf(order) >= 0n && lines.every((line) => moneyOf(line) >= 0n && line.pointsUsed >= 0n)).toBe(true);
}

/** What came in is what the order keeps and what goes back, to the won. */
function expectMoney({ state }: World, order: Order): void {
  const payments = [...state.payments.values()].filter((payment) => payment.orderId === order.id);
  const refunds = [...state.refunds.values()].filter((refund) => refund.orderId === order.id);
  const came = total(
    payments.filter(({ status }) => status === 'COMPLETED' || status === 'REFUNDED'),
    ({ amount }) => amount,
  );
  const hasMoney = isPaid(order) || order.state.step === 'CONFIRM_COUPON' || order.state.step === 'CAPTURE_POINTS';
  const keeps = hasMoney ? totalOf(order) - order.refundedAmount : 0n;
  expect(came).toBe(keeps + total(refunds, ({ money }) => money));

  const asked = refunds.filter(({ key }) => key !== null);
  expect(total(asked, ({ money }) => money)).toBe(order.refundedAmount);
  expect(total(asked, ({ points }) => points)).toBe(order.refundedPoints);
  for (const line of order.lines) {
    const parts = refunds.flatMap((refund) => refund.lines.filter((part) => part.line === line.line));
    expect(sum(parts, ({ quantity }) => quantity)).toBe(line.refundedQuantity);
    if (line.refundedQuantity < line.quantity) continue;
    expect(total(parts, ({ money }) => money)).toBe(moneyOf(line));
    expect(total(parts, ({ points }) => points)).toBe(line.pointsUsed);
  }
  const waits = order.state.status === 'RESERVED' && (order.state.step === null || order.state.step === 'TAKE_MONEY');
  expect(payments.filter(({ status }) => status === 'PENDING').length).toBeLessThanOrEqual(waits ? 1 : 0);
  for (const { id, status, amount } of payments) {
    const gone = refunds.filter(({ paymentId, step }) => paymentId === id && step !== 'MONEY');
    if (status === 'REFUNDED') expect(total(gone, ({ money }) => money)).toBe(amount);
    if (status === 'COMPLETED' && amount > 0n) expect(total(gone, ({ money }) => money) < amount).toBe(true);
  }
}

/** Its history has a row for each version, and each event was published once. */
function expectHistoryAndEvents({ decisions, state }: World, order: Order): void {
  const rows = decisions.flatMap(({ history }) => history.filter(({ orderId }) => orderId === order.id));
  expect(rows.map(({ version }) => version)).toEqual(rows.map((_, index) => index + 1));
  expect(rows.at(-1)).toMatchObject({ version: order.version, status: statusOf(order.state) });

  const topics = state.events
    .filter((event) => 'order' in event && event.order.id === order.id)
    .map(({ topic }) => topic);
  const once = (topic: string) => topics.filter((each) => each === topic).length;
  const { state: now } = order;
  expect(once('order.paid')).toBe(isPaid(order) ? 1 : 0);
  expect(once('order.expired')).toBe(statusOf(now) === 'EXPIRED' ? 1 : 0);
  expect(once('order.cancelled')).toBe(['CANCELLED', 'FAILED'].includes(statusOf(now)) ? 1 : 0);
  expect(once('order.reserved')).toBeLessThanOrEqual(1);
  if (statusOf(now) === 'RESERVED' || isPaid(order)) expect(once('order.reserved')).toBe(1);
  expect(once('payment.completed.v1')).toBeLessThanOrEqual(1);
  expect(Number.isFinite(order.resumeAtMs)).toBe(isOpen(order));
}
