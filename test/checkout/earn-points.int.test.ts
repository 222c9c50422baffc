import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Order } from '../../src/contexts/order/api.ts';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';
import { ADMIN, checkoutFixture, codeOf, type Fixture, given } from './fixture.ts';

const DELAY_DAYS = 3;

let on: Fixture;
let keys = 0;
const key = () => `key ${++keys}`;
const opened = async (earnRateBp: bigint) => {
  on = await checkoutFixture({ earnRateBp, earnDelayDays: DELAY_DAYS });
};
afterEach(async () => {
  const violations = await on.violations();
  await on.close();
  expect(violations).toEqual([]);
});

/** Two chairs at 10,000, paid at once. */
async function paid(userId: bigint, method: 'POINTS' | 'EXTERNAL' = 'EXTERNAL', usePoints = 0n): Promise<Order> {
  on.outside.behave('COMPLETE');
  const { id: productId } = await on.product();
  const items = [{ productId, quantity: 2 }];
  const order = given((await on.order.placeOrder({ userId, key: key(), items, usePoints })).outcome);
  const payment = given((await on.order.payOrder({ orderId: order.id, userId, key: key(), method })).outcome);
  expect(payment.order?.status).toBe('PAID');
  return order;
}
const refund = (order: Order, lines: { line: number; quantity: number }[] = []) =>
  on.order.refundOrder({ principal: ADMIN, orderId: order.id, key: key(), lines, reason: 'broken' });
const points = async (userId: bigint) => {
  const { available, pending, receivable } = await on.point.getBalance({ userId });
  return [available, pending, receivable];
};

describe('orders that earn points', () => {
  beforeEach(() => opened(150n));

  it('an order that was paid in money earns its rate, which is available some days later', async () => {
    const userId = on.newUser();
    await on.charge(userId, 1_000n);
    await paid(userId, 'EXTERNAL', 1_000n);
    expect(await points(userId)).toEqual([0n, 0n, 0n]);
    await on.publish();
    // 1.5 % of 19,000: what points paid earns nothing.
    expect(await points(userId)).toEqual([0n, 285n, 0n]);
    on.later(DELAY_DAYS * DAY_MS);
    expect(await points(userId)).toEqual([285n, 0n, 0n]);
  });

  it('an order that was paid with points earns nothing', async () => {
    const userId = on.newUser();
    await on.charge(userId, 20_000n);
    const order = await paid(userId, 'POINTS');
    await refund(order);
    await on.publish();
    expect(await points(userId)).toEqual([20_000n, 0n, 0n]);
  });

  it('an order that is delivered twice, or after its refund, earns the points for the money that was kept', async () => {
    const userId = on.newUser();
    const order = await paid(userId);
    const paidEvents = await on.events();
    await refund(order, [{ line: 1, quantity: 1 }]);
    const refundEvents = (await on.events()).slice(paidEvents.length);
    await on.bus.publish(refundEvents);
    expect(await points(userId)).toEqual([0n, 0n, 0n]);
    await on.bus.publish(paidEvents);
    await on.bus.publish([...paidEvents, ...refundEvents]);
    await on.publish();
    expect(await points(userId)).toEqual([0n, 150n, 0n]);
  });

  it('a refund takes the points of its order back; those that were spent are owed, and repaid by the next order', async () => {
    const userId = on.newUser();
    const order = await paid(userId);
    await on.publish();
    on.later(DELAY_DAYS * DAY_MS);
    given((await on.point.usePoints({ userId, amount: 250n, key: key() })).outcome);
    await refund(order, [{ line: 1, quantity: 1 }]);
    await on.publish();
    expect(await points(userId)).toEqual([0n, 0n, 100n]);
    await refund(order);
    await on.publish();
    expect(await points(userId)).toEqual([0n, 0n, 250n]);
    await paid(userId);
    await on.publish();
    expect(await points(userId)).toEqual([0n, 50n, 0n]);
  });

  it('points that an order earned are taken back by its refund only', async () => {
    const userId = on.newUser();
    await paid(userId);
    await on.publish();
    const { transactions } = await on.point.listHistory({ userId, page: { limit: 1, cursor: '' } });
    const asked = { principal: ADMIN, transactionId: transactions[0]?.id ?? 0n, reason: '' };
    expect(codeOf(await on.point.cancelTransaction(asked))).toBe('VALIDATION_FAILED');
    expect(await points(userId)).toEqual([0n, 300n, 0n]);
  });
});

it('orders earn nothing by default', async () => {
  await opened(0n);
  const userId = on.newUser();
  const order = await paid(userId);
  await refund(order, [{ line: 1, quantity: 1 }]);
  await on.publish();
  expect(await points(userId)).toEqual([0n, 0n, 0n]);
  expect(await on.sql('select * from point.order_earnings')).toEqual([]);
});
