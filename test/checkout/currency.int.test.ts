import { afterEach, beforeEach, expect, it } from 'vitest';
import { ADMIN, checkoutFixture, type Fixture, given } from './fixture.ts';

let on: Fixture;
beforeEach(async () => {
  on = await checkoutFixture();
});
afterEach(() => on.close());

it('an order, its payment, its refund and its events keep the currency of the system that placed it', async () => {
  const product = await on.product();
  const userId = on.newUser();
  await on.charge(userId, 20_000n);
  const items = [{ productId: product.id, quantity: 1 }];
  const placed = { userId, items, usePoints: 0n };
  // In the same process, over the same database.
  const dollars = on.node(undefined, 'USD');
  const order = given((await dollars.api.placeOrder({ ...placed, key: 'dollars' })).outcome);
  const ofWon = given((await on.order.placeOrder({ ...placed, key: 'won' })).outcome);
  expect([order.currency, ofWon.currency]).toEqual(['USD', 'KRW']);

  const orderId = order.id;
  const paid = given((await on.order.payOrder({ orderId, userId, key: 'pay', method: 'POINTS' })).outcome);
  expect(paid).toMatchObject({ currency: 'USD', order: { currency: 'USD' } });
  const refunded = await on.order.refundOrder({
    principal: ADMIN,
    orderId,
    key: 'refund',
    lines: [],
    reason: 'broken',
  });
  expect(given(refunded.outcome)).toMatchObject({ currency: 'USD', order: { currency: 'USD' } });
  const page = { limit: 10, cursor: '' };
  const { payments } = given((await on.order.listPayments({ orderId, page })).outcome);
  const { refunds } = given((await on.order.listRefunds({ orderId, page })).outcome);
  expect([...payments, ...refunds].map(({ currency }) => currency)).toEqual(['USD', 'USD']);

  const events = (await on.events()).filter(({ topic, key }) => topic.startsWith('order.') && key === String(orderId));
  expect(events.map(({ topic, event }) => [topic, event.data['currency']])).toEqual([
    ['order.reserved', 'USD'],
    ['order.paid', 'USD'],
    ['order.refunded', 'USD'],
  ]);
});
