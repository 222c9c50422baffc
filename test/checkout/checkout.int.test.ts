import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReserveCouponRequest } from '../../src/contexts/coupon/api.ts';
import type { Order, OrderItem, PlaceOrderRequest, Product } from '../../src/contexts/order/api.ts';
import { TRUST_MS } from '../../src/platform/kernel/cached-fact.ts';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { ADMIN, checkoutFixture, codeOf, type Fixture, given, paymentEvent } from './fixture.ts';
import type { KillableProcess } from './killable-process.ts';

let on: Fixture;
beforeEach(async () => {
  on = await checkoutFixture();
});
afterEach(async () => {
  const violations = await on.violations();
  await on.close();
  // Whatever a test did, all that holds still holds.
  expect(violations).toEqual([]);
});

let keys = 0;
const request = (userId: bigint, items: readonly OrderItem[], more: Partial<PlaceOrderRequest> = {}) => ({
  userId,
  key: `place ${++keys}`,
  items,
  usePoints: 0n,
  ...more,
});
const place = async (userId: bigint, items: readonly OrderItem[], more: Partial<PlaceOrderRequest> = {}) =>
  given((await on.order.placeOrder(request(userId, items, more))).outcome);
const pay = (order: Order, method: 'POINTS' | 'EXTERNAL', key = `pay ${++keys}`) =>
  on.order.payOrder({ orderId: order.id, userId: order.userId, key, method });
const look = async (order: Order) => given((await on.order.getOrder({ orderId: order.id })).outcome);
const report = (order: Order, paymentId: bigint, status: 'COMPLETED' | 'FAILED', amount = order.total) =>
  on.order.reportPayment({ paymentId, orderId: order.id, status, amount, reason: 'said the provider' });

/** A user with a coupon of 1,000 and 5,000 points who ordered two chairs at 10,000, to pay 17,000. */
async function ordered(points = 5_000n, usePoints = 2_000n) {
  const product = await on.product();
  const userId = on.newUser();
  const coupon = await on.couponOf(userId);
  if (points > 0n) await on.charge(userId, points);
  const items = [{ productId: product.id, quantity: 2 }];
  const order = await place(userId, items, { couponId: coupon.id, usePoints });
  return { product, userId, coupon, order };
}

const refund = (order: Order, more: Partial<Parameters<Fixture['order']['refundOrder']>[0]> = {}) =>
  on.order.refundOrder({
    principal: ADMIN,
    orderId: order.id,
    key: `refund ${++keys}`,
    lines: [],
    reason: 'broken',
    ...more,
  });

describe('checkouts', () => {
  it('a checkout takes units at both prices, a coupon and points, is paid with points, and all contexts agree', async () => {
    const product = await on.product();
    const sale = await on.timeSale(product);
    const userId = on.newUser();
    const coupon = await on.couponOf(userId);
    await on.charge(userId, 30_000n);
    const asked = request(
      userId,
      [
        { productId: product.id, quantity: 1 },
        { productId: product.id, timeSaleId: sale.id, quantity: 2 },
      ],
      { couponId: coupon.id, usePoints: 3_000n, expectedTotal: 20_000n },
    );
    const placed = await on.order.placeOrder(asked);
    const order = given(placed.outcome);
    expect([order.status, order.subtotal, order.couponDiscount, order.pointsUsed, order.total]).toEqual([
      'RESERVED',
      24_000n,
      1_000n,
      3_000n,
      20_000n,
    ]);
    expect(await on.points(userId)).toEqual([27_000n, 3_000n]);
    expect([await on.units(product), await on.saleUnits(sale)]).toEqual([
      { stock: 89, reserved: 1, sold: 0 },
      { stock: 8, reserved: 2, sold: 0, returned: 0 },
    ]);

    const paid = await pay(order, 'POINTS', 'the key');
    expect(given(paid.outcome)).toMatchObject({ status: 'COMPLETED', amount: 20_000n, order: { status: 'PAID' } });
    expect([await on.points(userId), await on.couponStatus(coupon)]).toEqual([[7_000n, 0n], 'USED']);
    expect([await on.units(product), await on.saleUnits(sale)]).toEqual([
      { stock: 89, reserved: 0, sold: 3 },
      { stock: 8, reserved: 0, sold: 2, returned: 0 },
    ]);
    expect(await on.publish()).toEqual(expect.arrayContaining(['order.reserved', 'order.paid', 'coupon.used']));

    // Whatever has become of it since, a key is answered as it was at first.
    for (const later of [
      () => {},
      () => refund(order, { lines: [{ line: 1, quantity: 1 }], key: 'a part' }),
      () => refund(order, {}),
    ]) {
      await later();
      const again = await on.order.placeOrder(asked);
      expect([again.replayed, again.outcome]).toEqual([true, placed.outcome]);
      const paidAgain = await pay(order, 'POINTS', 'the key');
      expect([paidAgain.replayed, paidAgain.outcome]).toEqual([true, paid.outcome]);
    }
    expect(codeOf(await on.order.placeOrder({ ...asked, usePoints: 1n }))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(codeOf(await pay(order, 'POINTS'))).toBe('ORDER_NOT_PAYABLE');
  });

  it('a checkout is free when coupon and points cover its total', async () => {
    const { order, userId } = await ordered(50_000n, 50_000n);
    expect([order.total, order.pointsUsed]).toEqual([0n, 19_000n]);
    expect(given((await pay(order, 'EXTERNAL')).outcome)).toMatchObject({ amount: 0n, order: { status: 'PAID' } });
    expect([await on.points(userId), on.outside.asked()]).toEqual([[31_000n, 0n], 0]);
  });

  it('a checkout is paid externally once the provider reports it, however often it does', async () => {
    const { order, coupon } = await ordered();
    const payment = given((await pay(order, 'EXTERNAL', 'p')).outcome);
    expect(payment).toMatchObject({ status: 'PENDING', providerUrl: `https://pay.example/pay_${payment.id}` });
    const first = await report(order, payment.id, 'COMPLETED');
    expect([first.replayed, given(first.outcome).order?.status]).toEqual([false, 'PAID']);
    const second = await report(order, payment.id, 'COMPLETED');
    expect([second.replayed, given(second.outcome).order?.status]).toEqual([true, 'PAID']);
    // The news reach the coupon context and come back here: nothing is left to be done.
    expect(await on.publish()).toEqual(expect.arrayContaining(['payment.completed.v1', 'order.paid']));
    await on.publish();
    expect((await report(order, payment.id, 'FAILED')).replayed).toBe(true);
    const twice = paymentEvent(
      'payment.completed.v1',
      { paymentId: `pay_${payment.id}`, orderId: String(order.id), userId: '1', amount: '17000', completedAt: '' },
      'e1',
    );
    await on.bus.publish([twice, twice]);
    expect([(await look(order)).status, await on.couponStatus(coupon), on.outside.refunded.size]).toEqual([
      'PAID',
      'USED',
      0,
    ]);
    // The key returns its first result; the order has its present state.
    expect(given((await pay(order, 'EXTERNAL', 'p')).outcome)).toEqual(payment);
  });

  it('a checkout is paid by an event alone, and events of other orders are ignored', async () => {
    const { order, userId } = await ordered();
    await pay(order, 'EXTERNAL');
    const completed = (orderId: string, eventId: string) =>
      paymentEvent(
        'payment.completed.v1',
        { paymentId: 'x1', orderId, userId: String(userId), amount: '17000', completedAt: '2026-01-01T00:00:00Z' },
        eventId,
      );
    const foreign = ['order-5', '77', '0', '99999999999999999999'].map((id) => completed(id, `e ${id}`));
    await on.bus.publish([...foreign, completed(String(order.id), 'e')]);
    expect((await look(order)).status).toBe('PAID');
    // What the bus said is not said again.
    expect(await on.publish()).not.toContain('payment.completed.v1');
  });

  it('a checkout is paid at once by a provider that responds at once', async () => {
    const { order } = await ordered();
    on.outside.behave('COMPLETE');
    expect(given((await pay(order, 'EXTERNAL')).outcome)).toMatchObject({
      status: 'COMPLETED',
      order: { status: 'PAID' },
    });
  });
});

describe('refused requests', () => {
  it('an order whose coupon is refused takes nothing, and its key returns the refusal again', async () => {
    const product = await on.product();
    const [userId, other] = [on.newUser(), on.newUser()];
    const coupon = await on.couponOf(other);
    const asked = request(userId, [{ productId: product.id, quantity: 1 }], { couponId: coupon.id });
    const [first, second] = [await on.order.placeOrder(asked), await on.order.placeOrder(asked)];
    expect([codeOf(first), first.replayed, codeOf(second), second.replayed]).toEqual([
      'COUPON_NOT_FOUND',
      false,
      'COUPON_NOT_FOUND',
      true,
    ]);
    expect(await on.units(product)).toEqual({ stock: 100, reserved: 0, sold: 0 });
  });

  it('an order without enough points returns its coupon', async () => {
    const product = await on.product();
    const userId = on.newUser();
    const coupon = await on.couponOf(userId);
    const items = [{ productId: product.id, quantity: 1 }];
    const refused = await on.order.placeOrder(request(userId, items, { couponId: coupon.id, usePoints: 1n }));
    expect([codeOf(refused), await on.couponStatus(coupon)]).toEqual(['INSUFFICIENT_POINTS', 'ISSUED']);
    expect(await on.units(product)).toEqual({ stock: 100, reserved: 0, sold: 0 });
  });

  it('an order with another total than expected returns its coupon', async () => {
    const product = await on.product();
    const userId = on.newUser();
    const coupon = await on.couponOf(userId);
    const items = [{ productId: product.id, quantity: 1 }];
    const refused = await on.order.placeOrder(request(userId, items, { couponId: coupon.id, expectedTotal: 8_999n }));
    expect([codeOf(refused), await on.couponStatus(coupon)]).toEqual(['PRICE_CHANGED', 'ISSUED']);
  });

  it('an order whose payment lacks points can be paid in another way', async () => {
    const { order, userId } = await ordered(2_000n);
    const [first, second] = [await pay(order, 'POINTS', 'poor'), await pay(order, 'POINTS', 'poor')];
    expect([codeOf(first), first.replayed, codeOf(second), second.replayed]).toEqual([
      'INSUFFICIENT_POINTS',
      false,
      'INSUFFICIENT_POINTS',
      true,
    ]);
    expect((await look(order)).status).toBe('RESERVED');
    await on.charge(userId, 17_000n);
    expect(given((await pay(order, 'POINTS', 'rich')).outcome).order?.status).toBe('PAID');
    expect(codeOf(await pay(order, 'POINTS', 'poor'))).toBe('INSUFFICIENT_POINTS');
    expect(await on.points(userId)).toEqual([0n, 0n]);
  });

  it.each(['at once', 'by report'])(
    'a payment that the provider declines %s ends the order and returns everything',
    async (when) => {
      const { order, coupon, userId, product } = await ordered();
      if (when === 'at once') on.outside.behave('DECLINE');
      const first = await pay(order, 'EXTERNAL', 'p');
      if (when === 'by report') {
        const payment = given(first.outcome);
        expect(given((await report(order, payment.id, 'FAILED')).outcome)).toMatchObject({ status: 'FAILED' });
      }
      const again = await pay(order, 'EXTERNAL', 'p');
      expect([again.outcome, again.replayed]).toEqual([first.outcome, true]);
      expect((await look(order)).failure?.code).toBe('PAYMENT_DECLINED');
      expect(await on.publish()).toEqual(expect.arrayContaining(['payment.failed.v1', 'order.cancelled']));
      expect([await on.couponStatus(coupon), await on.points(userId)]).toEqual(['ISSUED', [5_000n, 0n]]);
      expect(await on.units(product)).toEqual({ stock: 100, reserved: 0, sold: 0 });
    },
  );

  it('the 21st open order of a user who never pays is refused', async () => {
    const product = await on.product();
    const userId = on.newUser();
    const items = [{ productId: product.id, quantity: 1 }];
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => on.order.placeOrder(request(userId, items)).then(codeOf)),
    );
    expect(answers.filter((code) => code === 'order')).toHaveLength(20);
    expect(answers.filter((code) => code === 'OPEN_ORDER_LIMIT_EXCEEDED')).toHaveLength(5);
  });

  it('a payment that is declined with a text that cannot be stored still ends the order', async () => {
    const { order } = await ordered();
    const payment = given((await pay(order, 'EXTERNAL')).outcome);
    const said = {
      paymentId: `pay_${payment.id}`,
      orderId: String(order.id),
      userId: '1',
      reason: 'no\u0000\ud800cover',
    };
    await on.bus.publish([paymentEvent('payment.failed.v1', said, 'unstorable')]);
    expect((await look(order)).failure).toEqual({ code: 'PAYMENT_DECLINED', details: { reason: 'no \ufffdcover' } });
  });

  it.each([
    ['no items', { items: [] }, ['items']],
    ['the user id 0', { userId: 0n }, ['userId']],
    ['no key', { key: '' }, ['key']],
    ['a quantity of 0', { items: [{ productId: 1n, quantity: 0 }] }, ['items.0.quantity']],
    ['half a unit', { items: [{ productId: 1n, quantity: 1.5 }] }, ['items.0.quantity']],
    [
      'the same twice',
      {
        items: [
          { productId: 1n, quantity: 1 },
          { productId: 1n, quantity: 2 },
        ],
      },
      ['items.1'],
    ],
    ['points below 0', { usePoints: -1n }, ['usePoints']],
    ['a total below 0', { expectedTotal: -1n }, ['expectedTotal']],
  ])('the refusal of a request with %s names the field', async (_, changes, fields) => {
    const answer = await on.order.placeOrder({ ...request(7n, [{ productId: 1n, quantity: 1 }]), ...changes });
    expect(answer.outcome).toMatchObject({ $case: 'refusal', value: { code: 'VALIDATION_FAILED' } });
    expect(answer.outcome?.$case === 'refusal' && Object.keys(answer.outcome.value.details)).toEqual(fields);
  });
});

/** A node that cannot reach the coupon context. */
const withoutCoupons: KillableProcess = {
  calls: () => 0,
  killable: (what) =>
    'reserveCoupon' in what
      ? new Proxy(what, { get: () => () => Promise.reject(new Error('coupons are away')) })
      : what,
};

describe('orders whose time is over', () => {
  it('an order expires, and everything that it took is returned', async () => {
    const { order, coupon, userId, product } = await ordered();
    on.later(10 * MINUTE_MS);
    expect(codeOf(await pay(order, 'POINTS'))).toBe('ORDER_EXPIRED');
    expect(await on.run('order.resume')).toBe(1);
    expect((await look(order)).status).toBe('EXPIRED');
    expect([await on.couponStatus(coupon), await on.points(userId)]).toEqual(['ISSUED', [5_000n, 0n]]);
    expect(await on.units(product)).toEqual({ stock: 100, reserved: 0, sold: 0 });
    expect(codeOf(await pay(order, 'POINTS'))).toBe('ORDER_EXPIRED');
    expect(await on.publish()).toContain('order.expired');
    expect(await on.run('order.resume')).toBe(0);
  });

  it('an expired order with inconsistent data is reported, and delays no other order and no refund', async () => {
    const [bad, good] = [await on.product(), await on.product()];
    const { order: toRefund } = await ordered();
    const only = async (product: Product) => place(on.newUser(), [{ productId: product.id, quantity: 1 }]);
    const wrong = await only(bad);
    const right = await only(good);
    on.outside.behave('COMPLETE');
    await pay(toRefund, 'EXTERNAL');
    on.outside.behave('AWAY');
    await refund(toRefund);
    on.outside.behave('COMPLETE');
    on.later(10 * MINUTE_MS);
    await on.sql('update orders.products set reserved = 0 where id = $1', [bad.id]);
    await expect(on.run('order.resume')).rejects.toThrow(`units of ${bad.id}`);
    expect([(await look(wrong)).status, (await look(right)).status]).toEqual(['RESERVED', 'EXPIRED']);
    expect(on.outside.refunded.size).toBe(1);
    await on.sql('update orders.products set reserved = 1 where id = $1', [bad.id]);
    await on.untilRest();
    expect((await look(wrong)).status).toBe('EXPIRED');
  });

  it('an order that expired before its coupon was requested is reported as expired, also for the same key', async () => {
    const [product, userId] = [await on.product(), on.newUser()];
    const { id: couponId } = await on.couponOf(userId);
    const asked = request(userId, [{ productId: product.id, quantity: 1 }], { couponId });
    const { api } = on.node(withoutCoupons);
    await expect(api.placeOrder(asked)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    on.later(10 * MINUTE_MS);
    await expect(api.placeOrder(asked)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    for (let time = 0; time < 2; time++) {
      const answer = await on.order.placeOrder(asked);
      expect([codeOf(answer), answer.replayed]).toEqual(['ORDER_EXPIRED', true]);
    }
    expect(await on.units(product)).toEqual({ stock: 100, reserved: 0, sold: 0 });
  });

  it('an expired order refunds a payment that comes too late, once', async () => {
    const { order, coupon } = await ordered();
    const payment = given((await pay(order, 'EXTERNAL')).outcome);
    on.later(10 * MINUTE_MS);
    await on.run('order.resume');
    for (let time = 0; time < 3; time++) await report(order, payment.id, 'COMPLETED');
    await on.publish();
    expect(on.outside.refunded).toEqual(new Map([[payment.id, 17_000n]]));
    expect([(await look(order)).status, await on.couponStatus(coupon)]).toEqual(['EXPIRED', 'ISSUED']);
  });

  const completed = (order: Order, paymentId: bigint) =>
    paymentEvent(
      'payment.completed.v1',
      {
        paymentId: `pay_${paymentId}`,
        orderId: String(order.id),
        userId: String(order.userId),
        amount: '17000',
        reservationId: `order:${order.id}`,
        completedAt: '2026-01-01T00:00:00Z',
      },
      `late ${order.id}`,
    );

  it.each(['before', 'after'])(
    'an expired order returns its coupon also when the event of a late payment reaches the coupon context %s',
    async (when) => {
      const { order, coupon } = await ordered();
      const payment = given((await pay(order, 'EXTERNAL')).outcome);
      const news = [completed(order, payment.id)];
      on.later(10 * MINUTE_MS);
      if (when === 'before') await on.bus.publish(news, 'coupon.payments');
      if (when === 'before') expect(await on.couponStatus(coupon)).toBe('USED');
      if (when === 'after') await on.run('coupon.end-reservations');
      await on.run('order.resume');
      await on.bus.publish(news);
      await on.untilRest();
      expect([(await look(order)).status, await on.couponStatus(coupon)]).toEqual(['EXPIRED', 'ISSUED']);
      expect(on.outside.refunded).toEqual(new Map([[payment.id, 17_000n]]));
    },
  );
});

describe('cancellation', () => {
  it('a cancellation returns everything, also when it is repeated', async () => {
    const { order, coupon, userId, product } = await ordered();
    const cancel = () => on.order.cancelOrder({ orderId: order.id, userId });
    const [first, second] = [await cancel(), await cancel()];
    expect([given(first.outcome).status, first.replayed, given(second.outcome).status, second.replayed]).toEqual([
      'CANCELLED',
      false,
      'CANCELLED',
      true,
    ]);
    expect([await on.couponStatus(coupon), await on.points(userId)]).toEqual(['ISSUED', [5_000n, 0n]]);
    expect(await on.units(product)).toEqual({ stock: 100, reserved: 0, sold: 0 });
    expect(codeOf(await pay(order, 'POINTS'))).toBe('ORDER_NOT_PAYABLE');
  });

  it('a cancellation refunds a payment that still arrives', async () => {
    const { order, userId } = await ordered();
    const payment = given((await pay(order, 'EXTERNAL')).outcome);
    await on.order.cancelOrder({ orderId: order.id, userId });
    await report(order, payment.id, 'COMPLETED');
    expect(on.outside.refunded).toEqual(new Map([[payment.id, 17_000n]]));
  });

  it('an order is cancelled by its owner only, and not after payment', async () => {
    const { order, userId } = await ordered(50_000n);
    expect(codeOf(await on.order.cancelOrder({ orderId: order.id, userId: on.newUser() }))).toBe('ORDER_NOT_FOUND');
    expect(codeOf(await on.order.cancelOrder({ orderId: 5n, userId }))).toBe('ORDER_NOT_FOUND');
    await pay(order, 'POINTS');
    expect(codeOf(await on.order.cancelOrder({ orderId: order.id, userId }))).toBe('ORDER_NOT_CANCELLABLE');
  });
});

describe('refunds', () => {
  it.each(['POINTS', 'EXTERNAL'] as const)(
    'refunds of parts and of the rest add up to what was paid with %s',
    async (method) => {
      const { order, coupon, userId, product } = await ordered(50_000n, 2_001n);
      on.outside.behave('COMPLETE');
      const payment = given((await pay(order, method)).outcome);
      const part = await refund(order, { lines: [{ line: 1, quantity: 1 }], key: 'part' });
      expect(given(part.outcome)).toMatchObject({ status: 'DONE', order: { status: 'PAID' } });
      expect((await refund(order, { lines: [{ line: 1, quantity: 1 }], key: 'part' })).replayed).toBe(true);
      expect(await on.couponStatus(coupon)).toBe('USED');
      const rest = given((await refund(order)).outcome);
      expect(rest.order).toMatchObject({ status: 'REFUNDED', refundedAmount: 16_999n, refundedPoints: 2_001n });
      expect(codeOf(await refund(order))).toBe('ORDER_NOT_REFUNDABLE');
      expect([await on.couponStatus(coupon), await on.units(product)]).toEqual([
        'ISSUED',
        { stock: 100, reserved: 0, sold: 0 },
      ]);
      expect(await on.points(userId)).toEqual([50_000n, 0n]);
      expect(on.outside.refunded).toEqual(method === 'EXTERNAL' ? new Map([[payment.id, 16_999n]]) : new Map());
    },
  );

  it('a refund that the provider cannot take yet is PENDING, and is made later', async () => {
    const { order } = await ordered();
    on.outside.behave('COMPLETE');
    const payment = given((await pay(order, 'EXTERNAL')).outcome);
    on.outside.behave('AWAY');
    expect(given((await refund(order, { key: 'r' })).outcome).status).toBe('PENDING');
    on.outside.behave('COMPLETE');
    await on.untilRest();
    expect(given((await refund(order, { key: 'r' })).outcome)).toMatchObject({ status: 'DONE', amount: 17_000n });
    expect(on.outside.refunded).toEqual(new Map([[payment.id, 17_000n]]));
  });

  it('the coupon of a store discounts its lines of a mixed cart only, and refunds return what was paid for each line', async () => {
    const userId = on.newUser();
    const storeId = await on.store(50n);
    const own = await on.product(3_000n, 5, storeId);
    const other = await on.product(9_000n, 5, await on.store(51n));
    const house = await on.product(500n, 5);
    await on.charge(userId, 20_000n);
    const half = { storeId, discountType: 'PERCENTAGE', discountValue: 5_000n, minimumOrderAmount: 6_000n };
    const coupon = await on.couponOf(userId, true, half);
    const items = [own, other, house].map(({ id }, place) => ({ productId: id, quantity: place === 0 ? 2 : 1 }));
    const order = await place(userId, items, { couponId: coupon.id });
    expect([order.subtotal, order.couponDiscount, order.total]).toEqual([15_500n, 3_000n, 12_500n]);
    expect(order.lines.map((line) => [line.storeId, line.couponDiscount])).toEqual([
      [storeId, 3_000n],
      [other.storeId, 0n],
      [undefined, 0n],
    ]);
    given((await pay(order, 'POINTS')).outcome);
    const parts: bigint[] = [];
    for (const line of [1, 2, 3]) {
      const lines = [{ line, quantity: line === 1 ? 2 : 1 }];
      parts.push(given((await refund(order, { lines })).outcome).amount);
    }
    expect(parts).toEqual([3_000n, 9_000n, 500n]);
    expect([await on.points(userId), (await look(order)).status]).toEqual([[20_000n, 0n], 'REFUNDED']);
  });

  it('an order without goods of the coupon’s store is refused, and so is one below its minimum of them; the coupon stays usable', async () => {
    const userId = on.newUser();
    const storeId = await on.store(50n);
    const [own, other] = [await on.product(3_000n, 5, storeId), await on.product(9_000n, 5, await on.store(51n))];
    const coupon = await on.couponOf(userId, true, { storeId, minimumOrderAmount: 6_000n });
    const codeWith = async (...ids: readonly bigint[]) => {
      const items = ids.map((productId) => ({ productId, quantity: 1 }));
      return codeOf(await on.order.placeOrder(request(userId, items, { couponId: coupon.id })));
    };
    expect([await codeWith(other.id), await codeWith(own.id, other.id)]).toEqual([
      'COUPON_NOT_APPLICABLE',
      'MINIMUM_ORDER_NOT_MET',
    ]);
    expect([await on.units(own), await on.units(other)]).toEqual(Array(2).fill({ stock: 5, reserved: 0, sold: 0 }));
    const order = await place(userId, [{ productId: own.id, quantity: 2 }], { couponId: coupon.id });
    expect(order.couponDiscount).toBe(1_000n);
  });

  it('an owner refunds the lines of their stores only, machines and administrators all lines', async () => {
    const userId = on.newUser();
    const mine = await on.product(1_000n, 5, await on.store(50n));
    const theirs = await on.product(1_000n, 5, await on.store(51n));
    await on.charge(userId, 10_000n);
    const both = await place(
      userId,
      [mine, theirs].map(({ id }) => ({ productId: id, quantity: 1 })),
    );
    const one = await place(userId, [{ productId: mine.id, quantity: 1 }]);
    for (const order of [both, one]) given((await pay(order, 'POINTS')).outcome);
    const owner = { principal: { userId: 50n, role: 'OWNER' } };
    expect(codeOf(await refund(one, { principal: { userId, role: 'CUSTOMER' } }))).toBe('FORBIDDEN');
    expect(codeOf(await refund(one, { principal: { userId: 52n, role: 'OWNER' } }))).toBe('ORDER_NOT_FOUND');
    expect(codeOf(await refund(one, { principal: { userId: 51n, role: 'OWNER' } }))).toBe('ORDER_NOT_FOUND');
    expect(codeOf(await refund(one, owner))).toBe('refund');
    expect(codeOf(await refund(both, { ...owner, lines: [{ line: 2, quantity: 1 }] }))).toBe('FORBIDDEN');
    const part = given((await refund(both, owner)).outcome);
    expect(part).toMatchObject({ amount: 1_000n, order: { status: 'PAID', refundedAmount: 1_000n } });
    expect(part.order?.lines.map(({ line }) => line)).toEqual([1]);
    expect(codeOf(await refund(both, { ...owner, key: 'again' }))).toBe('ORDER_NOT_REFUNDABLE');
    expect(codeOf(await refund(both, { principal: { userId: 2n, role: 'SERVICE' } }))).toBe('refund');
  });
});

describe('failures of other parts', () => {
  it('an order whose coupon was withdrawn meanwhile ends, and its payment is refunded', async () => {
    const { order, coupon, userId, product } = await ordered(50_000n);
    const cancel = { principal: ADMIN, couponId: coupon.id, reason: '', returnStock: false, orderCancelled: true };
    given((await on.coupon.cancelCoupon(cancel)).outcome);
    expect(codeOf(await pay(order, 'POINTS'))).toBe('RESERVATION_CONFLICT');
    expect((await look(order)).status).toBe('FAILED');
    expect([await on.points(userId), await on.units(product)]).toEqual([
      [50_000n, 0n],
      { stock: 100, reserved: 0, sold: 0 },
    ]);
  });

  it('a payment is refused with 503 while the provider is unavailable, and the same key pays later', async () => {
    const { order } = await ordered();
    on.outside.behave('AWAY');
    await expect(pay(order, 'EXTERNAL', 'p')).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    on.outside.behave('COMPLETE');
    const payment = await pay(order, 'EXTERNAL', 'p');
    expect([given(payment.outcome).order?.status, on.outside.asked()]).toEqual(['PAID', 1]);
  });

  it('an order expires in its time when the provider stays unavailable', async () => {
    const { order, coupon, userId } = await ordered();
    on.outside.behave('AWAY');
    await expect(pay(order, 'EXTERNAL', 'p')).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    await on.untilRest();
    expect((await look(order)).status).toBe('EXPIRED');
    expect([await on.couponStatus(coupon), await on.points(userId)]).toEqual(['ISSUED', [5_000n, 0n]]);
    expect(codeOf(await pay(order, 'EXTERNAL', 'p'))).toBe('ORDER_EXPIRED');

    on.outside.behave('COMPLETE');
    const data = { paymentId: 'theirs', orderId: `${order.id}`, userId: `${userId}`, amount: '17000' };
    const news = { ...data, completedAt: '2026-01-01T00:00:00Z' };
    await on.bus.publish([paymentEvent('payment.completed.v1', news, `late ${order.id}`)]);
    await on.untilRest();
    expect([...on.outside.refunded.values()]).toEqual([17_000n]);
    expect(codeOf(await pay(order, 'EXTERNAL', 'p'))).toBe('ORDER_EXPIRED');
  });

  it('a payment of another amount ends the order and is refunded', async () => {
    const { order } = await ordered();
    const payment = given((await pay(order, 'EXTERNAL')).outcome);
    await report(order, payment.id, 'COMPLETED', 16_999n);
    expect((await look(order)).failure?.code).toBe('PAYMENT_AMOUNT_MISMATCH');
    expect(on.outside.refunded).toEqual(new Map([[payment.id, 16_999n]]));
  });
});

describe('concurrent requests', () => {
  it('concurrent requests with one key on three nodes place one order and pay it once', async () => {
    const product = await on.product();
    const userId = on.newUser();
    const coupon = await on.couponOf(userId);
    await on.charge(userId, 50_000n);
    const nodes = [on.node().api, on.node().api, on.order];
    const asked = request(userId, [{ productId: product.id, quantity: 2 }], { couponId: coupon.id, usePoints: 500n });
    const orders = await Promise.all(nodes.flatMap((each) => [each.placeOrder(asked), each.placeOrder(asked)]));
    expect(new Set(orders.map(({ outcome }) => given(outcome).id)).size).toBe(1);
    const order = given(orders[0]?.outcome);
    const payment = { orderId: order.id, userId, key: 'k', method: 'POINTS' };
    const payments = await Promise.all(nodes.flatMap((each) => [each.payOrder(payment), each.payOrder(payment)]));
    expect(new Set(payments.map(({ outcome }) => given(outcome).id)).size).toBe(1);
    expect([(await look(order)).status, await on.points(userId)]).toEqual(['PAID', [31_000n, 0n]]);
    expect(await on.units(product)).toEqual({ stock: 98, reserved: 0, sold: 2 });
  });

  it('concurrent payment, cancellation and expiry of an order reach one final state', async () => {
    for (let round = 0; round < 6; round++) {
      const { order, userId } = await ordered(50_000n);
      const [a, b] = [on.node().api, on.node().api];
      on.later(10 * MINUTE_MS - 1 + (round % 2));
      await Promise.allSettled([
        a.payOrder({ orderId: order.id, userId, key: 'k', method: 'POINTS' }),
        b.cancelOrder({ orderId: order.id, userId }),
        on.run('order.resume'),
      ]);
      await on.untilRest();
      const { status } = await look(order);
      expect(['PAID', 'CANCELLED', 'EXPIRED']).toContain(status);
      expect(await on.points(userId)).toEqual([status === 'PAID' ? 31_000n : 50_000n, 0n]);
    }
  });

  it('two orders for one coupon keep none when one is refused and the other gets it too late', async () => {
    const product = await on.product();
    const userId = on.newUser();
    const coupon = await on.couponOf(userId);
    const reserved = { origin: 'CUSTOMER', reservationId: 'r', userId };
    given((await on.coupon.reserveCoupon({ ...reserved, couponId: coupon.id, orderAmount: 1n, lines: [] })).outcome);
    const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow: KillableProcess = {
      calls: () => 0,
      killable: (what) =>
        'reserveCoupon' in what
          ? {
              ...what,
              async reserveCoupon(request: ReserveCouponRequest) {
                reached.resolve();
                await gate.promise;
                return await on.coupon.reserveCoupon(request);
              },
            }
          : what,
    };
    const asked = request(userId, [{ productId: product.id, quantity: 1 }], { couponId: coupon.id });
    const late = on.node(slow).api.placeOrder(asked);
    await reached.promise;
    expect(codeOf(await on.order.placeOrder(asked))).toBe('RESERVATION_CONFLICT');
    await on.coupon.releaseReservation(reserved);
    gate.resolve();
    expect(codeOf(await late)).toBe('RESERVATION_CONFLICT');
    expect(await on.couponStatus(coupon)).toBe('ISSUED');
  });

  it('concurrent orders of a hot sale sell exactly its units, and a repeat returns the order again', async () => {
    const product = await on.product();
    const sale = await on.timeSale(product, 7_000n, 10, 1);
    const nodes = [on.order, on.node().api];
    const wanted = Array.from({ length: 60 }, () =>
      request(on.newUser(), [{ productId: product.id, timeSaleId: sale.id, quantity: 1 }]),
    );
    const ask = async () =>
      await Promise.all(wanted.map((each, index) => (nodes[index % 2] ?? on.order).placeOrder(each)));
    const first = await ask();
    // Now both nodes know that it is sold out, and still return the orders of buyers.
    const second = await ask();
    expect(first.filter((each) => codeOf(each) === 'order')).toHaveLength(10);
    expect(first.filter((each) => codeOf(each) === 'OUT_OF_STOCK')).toHaveLength(50);
    expect(second.map(codeOf)).toEqual(first.map(codeOf));
    expect(await on.saleUnits(sale)).toEqual({ stock: 0, reserved: 10, sold: 0, returned: 0 });
    const [won] = first.flatMap(({ outcome }) => (outcome?.$case === 'order' ? [outcome.value] : []));
    if (!won) throw new Error('no order was placed');
    await on.order.cancelOrder({ orderId: won.id, userId: won.userId });
    // The node that gave the unit back sells it at once.
    const again = request(on.newUser(), [{ productId: product.id, timeSaleId: sale.id, quantity: 1 }]);
    expect(codeOf(await on.order.placeOrder(again))).toBe('order');
  });

  it('repeats at a sold-out sale return their orders to buyers on every node, also to those who bought a returned unit', async () => {
    const product = await on.product();
    const sale = await on.timeSale(product, 7_000n, 2, 1);
    const wanting = () => request(on.newUser(), [{ productId: product.id, timeSaleId: sale.id, quantity: 1 }]);
    const [a, b] = [on.node(), on.node()];
    const [first, second, loser] = [wanting(), wanting(), wanting()];
    const cancel = async (asked: ReturnType<typeof wanting>): Promise<void> => {
      const { id, userId } = given((await a.api.placeOrder(asked)).outcome);
      expect(codeOf(await a.api.cancelOrder({ orderId: id, userId }))).toBe('order');
    };
    const knows = async (node: typeof a): Promise<void> => {
      expect(codeOf(await node.api.placeOrder(loser))).toBe('OUT_OF_STOCK');
      expect(node.isSoldOut(sale.id)).toBe(true);
      expect(codeOf(await node.api.placeOrder(loser))).toBe('OUT_OF_STOCK');
    };
    for (const each of [first, second]) expect(codeOf(await a.api.placeOrder(each))).toBe('order');
    for (const node of [a, b]) {
      await knows(node);
      for (const each of [first, second]) expect((await node.api.placeOrder(each)).replayed).toBe(true);
    }

    await cancel(first);
    const late = wanting();
    const { id } = given((await a.api.placeOrder(late)).outcome);
    // The other node still trusts what it read before the unit came back.
    expect(b.isSoldOut(sale.id)).toBe(true);
    const repeated = await b.api.placeOrder(late);
    expect([given(repeated.outcome).id, repeated.replayed]).toEqual([id, true]);
    await knows(b);
    on.later(TRUST_MS);
    await knows(b);
    for (const each of [first, second, late]) expect((await b.api.placeOrder(each)).replayed).toBe(true);

    await cancel(late);
    on.later(TRUST_MS);
    expect(codeOf(await b.api.placeOrder(loser))).toBe('order');
  });
});
