import { afterEach, describe, expect, test } from 'vitest';
import { ADMIN, checkoutFixture, type Fixture, given } from '../checkout/fixture.ts';
import { TRANSPORTS } from '../support/transports.ts';

describe.each(TRANSPORTS)('a checkout with contexts %s', (_, reach) => {
  let on: Fixture | undefined;
  afterEach(() => on?.close());

  test('an order takes a coupon and points, is paid with points and refunded, and all contexts agree', async () => {
    on = await checkoutFixture({ reach });
    const product = await on.product();
    const userId = on.newUser();
    const coupon = await on.couponOf(userId);
    await on.charge(userId, 30_000n);
    const items = [{ productId: product.id, quantity: 2 }];
    const asked = { userId, key: 'place', items, couponId: coupon.id, usePoints: 2_000n };
    const order = given((await on.order.placeOrder(asked)).outcome);
    expect([order.status, order.total]).toEqual(['RESERVED', 17_000n]);
    expect([await on.couponStatus(coupon), await on.points(userId)]).toEqual(['RESERVED', [28_000n, 2_000n]]);
    const paid = { orderId: order.id, userId, key: 'pay', method: 'POINTS' };
    expect(given((await on.order.payOrder(paid)).outcome).status).toBe('COMPLETED');
    await on.untilRest();
    expect([await on.couponStatus(coupon), await on.points(userId)]).toEqual(['USED', [11_000n, 0n]]);
    const refund = { principal: ADMIN, orderId: order.id, key: 'refund', lines: [], reason: 'broken' };
    given((await on.order.refundOrder(refund)).outcome);
    await on.untilRest();
    expect([await on.couponStatus(coupon), await on.points(userId)]).toEqual(['ISSUED', [30_000n, 0n]]);
    expect(await on.violations()).toEqual([]);
  });
});
