import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { resolvedDocument } from '../support/resolved-document.ts';
import { rawRequest } from './raw.ts';
import { type Shop, shopOn } from './shop.ts';
import { type Answer, answeredOnce, type Stage, stage, storeOf, testUsers } from './support.ts';

let on: Stage;
const testUser = testUsers();
let shop: Shop;
beforeAll(async () => {
  on = await stage();
  shop = shopOn(on);
});
afterAll(async () => {
  expect(await on.violations()).toEqual([]);
  await on.stop();
});

const said = ({ status, body }: Answer): string => [status, body?.code].join(' ').trim();
const sorted = (answers: readonly Answer[]): string[] => answers.map(said).sort();
const times = <Result>(count: number, make: (place: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, place) => make(place)));
/** A product of which so many are left, as an order's items. */
const itemsOf = async (changes: Readonly<Record<string, unknown>>, quantity = 1) => [
  { productId: await shop.product(changes), quantity },
];

describe('orders', () => {
  it('an order is placed with coupon and points, paid, shown, and refunded to the won', async () => {
    const user = shop.newUser();
    const [productId, couponId] = [await shop.product(), await shop.coupon(user)];
    await shop.charge(user, 100_000);
    const json = { items: [{ productId, quantity: 2 }], couponId, usePoints: 500, expectedTotal: 26_500 };
    const placed = await shop.post(user, 'orders', json);
    const { orderId } = placed.body;
    const order = {
      orderId: expect.stringMatching(/^\d+$/),
      userId: user,
      status: 'RESERVED',
      items: [
        {
          line: 1,
          productId,
          timeSaleId: null,
          productName: 'Drip coffee',
          storeId: null,
          quantity: 2,
          unitPrice: 15_000,
          couponDiscount: 3_000,
          pointsUsed: 500,
          refundedQuantity: 0,
        },
      ],
      couponId,
      currency: 'KRW',
      subtotal: 30_000,
      couponDiscount: 3_000,
      pointsUsed: 500,
      total: 26_500,
      refundedAmount: 0,
      refundedPoints: 0,
      createdAt: expect.stringMatching(/Z$/),
      expiresAt: new Date(Date.parse(placed.body.createdAt) + 10 * MINUTE_MS).toISOString(),
      paidAt: null,
      endedAt: null,
      failure: null,
    };
    expect([placed.status, placed.body]).toEqual([201, order]);
    const paid = await shop.pay(user, orderId);
    expect([paid.status, paid.body]).toEqual([
      201,
      {
        paymentId: expect.stringMatching(/^\d+$/),
        orderId,
        method: 'POINTS',
        currency: 'KRW',
        amount: 26_500,
        status: 'COMPLETED',
        providerUrl: null,
        order: { ...order, status: 'PAID', paidAt: expect.stringMatching(/Z$/) },
      },
    ]);
    expect(await shop.order(user, orderId)).toEqual(paid.body.order);
    expect(await shop.points(user)).toMatchObject({ balance: 73_000, held: 0 });
    expect(await shop.couponStatus(user, couponId)).toBe('USED');
    expect(await shop.productNow(productId)).toMatchObject({ stock: 98, reservedStock: 0, soldCount: 2 });

    const first = await shop.refund(orderId, { items: [{ line: 1, quantity: 1 }] });
    expect([first.status, first.body]).toMatchObject([
      200,
      {
        orderId,
        currency: 'KRW',
        amount: 13_250,
        points: 250,
        status: 'DONE',
        order: { status: 'PAID', refundedAmount: 13_250 },
      },
    ]);
    expect((await shop.refund(orderId)).body).toMatchObject({
      amount: 13_250,
      points: 250,
      order: { status: 'REFUNDED', refundedAmount: 26_500, refundedPoints: 500 },
    });
    expect(await shop.points(user)).toMatchObject({ balance: 100_000, held: 0 });
    expect(await shop.productNow(productId)).toMatchObject({ stock: 100, reservedStock: 0, soldCount: 0 });
  });

  it('an order at a time sale has its price, and one user gets no more than the limit', async () => {
    const [user, productId] = [shop.newUser(), await shop.product()];
    const timeSaleId = await shop.timeSale(productId);
    const ask = (quantity: number) => shop.post(user, `time-sales/${timeSaleId}/orders`, { quantity });
    const first = await ask(1);
    expect([first.status, first.body.items]).toMatchObject([201, [{ productId, timeSaleId, unitPrice: 9_900 }]]);
    expect(sorted(await times(20, () => ask(1)))).toEqual(['201', ...Array(19).fill('409 PURCHASE_LIMIT_EXCEEDED')]);
    expect(said(await shop.post(user, 'time-sales/1/orders', { quantity: 1 }))).toBe('404 TIME_SALE_NOT_FOUND');
    const early = await shop.timeSale(productId, {
      startsAt: new Date(on.now() + MINUTE_MS).toISOString(),
      endsAt: new Date(on.now() + 2 * MINUTE_MS).toISOString(),
    });
    const tooEarly = await shop.post(user, `time-sales/${early}/orders`, { quantity: 1 });
    expect([said(tooEarly), tooEarly.body.saleStatus]).toEqual(['400 TIME_SALE_NOT_ACTIVE', 'SCHEDULED']);
  });

  it('docs/attacks.md 5: of fifty orders for the last ten units ten succeed', async () => {
    const items = await itemsOf({ stock: 10 });
    const answers = await times(50, () => shop.post(shop.newUser(), 'orders', { items }));
    expect(sorted(answers)).toEqual([...Array(10).fill('201'), ...Array(40).fill('409 OUT_OF_STOCK')]);
    expect(await shop.productNow(items[0]?.productId ?? '')).toMatchObject({ stock: 0, reservedStock: 10 });
  });

  it('docs/attacks.md 5: concurrent orders do not spend the same points twice, at placement or payment', async () => {
    const user = shop.newUser();
    await shop.charge(user, 15_000);
    const items = await itemsOf({});
    const held = await times(5, () => shop.post(user, 'orders', { items, usePoints: 15_000 }));
    expect(sorted(held)).toEqual(['201', ...Array(4).fill('409 INSUFFICIENT_POINTS')]);
    const other = shop.newUser();
    await shop.charge(other, 15_000);
    const orders = await times(5, () => shop.placed(other, { items }));
    const paid = await Promise.all(orders.map(({ orderId }) => shop.pay(other, orderId)));
    expect(sorted(paid)).toEqual(['201', ...Array(4).fill('409 INSUFFICIENT_POINTS')]);
    expect([await shop.points(user), await shop.points(other)]).toMatchObject([
      { balance: 0, held: 15_000 },
      { balance: 0, held: 0 },
    ]);
  });

  it('docs/attacks.md 5: a coupon that two concurrent orders use discounts one', async () => {
    const user = shop.newUser();
    const [items, couponId] = [await itemsOf({}), await shop.coupon(user)];
    const answers = await times(10, () => shop.post(user, 'orders', { items, couponId }));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
    expect(await shop.productNow(items[0]?.productId ?? '')).toMatchObject({ stock: 99, reservedStock: 1 });
  });

  it('docs/attacks.md 6: a discount above the price makes the total 0, and no more points are used than the total', async () => {
    const user = shop.newUser();
    await shop.charge(user, 5_000);
    const order = await shop.placed(user, {
      items: await itemsOf({ price: 1_000 }),
      couponId: await shop.coupon(user),
      usePoints: 5_000,
    });
    expect(order).toMatchObject({ subtotal: 1_000, couponDiscount: 1_000, pointsUsed: 0, total: 0 });
    expect((await shop.pay(user, order.orderId)).body).toMatchObject({ amount: 0, order: { status: 'PAID' } });
    expect(await shop.points(user)).toMatchObject({ balance: 5_000, held: 0 });
    const all = await shop.placed(user, { items: await itemsOf({ price: 1_000 }), usePoints: 5_000 });
    expect(all).toMatchObject({ pointsUsed: 1_000, total: 0 });
    expect((await shop.refund(order.orderId)).body).toMatchObject({ amount: 0, points: 0 });
  });

  it.each(['-1', '0', '1.5', '9007199254740993', '1e309', '"1"', 'null', '1001', '[1]', 'true'])(
    'docs/attacks.md 7: the quantity %s gets 400 on every route that takes one',
    async (text) => {
      const [user, productId] = [shop.newUser(), await shop.product()];
      const timeSaleId = await shop.timeSale(productId);
      const bodies = [
        ['orders', on.token(user), `{"items":[{"productId":"${productId}","quantity":${text}}]}`],
        [`time-sales/${timeSaleId}/orders`, on.token(user), `{"quantity":${text}}`],
        ['orders/1/refund', shop.admin(), `{"items":[{"line":1,"quantity":${text}}],"reason":"x"}`],
      ] as const;
      for (const [path, token, body] of bodies) {
        const headers = { 'idempotency-key': `seven ${path}` };
        const answer = await on.call('POST', `/api/v1/${path}`, { token, text: body, headers });
        expect([path, said(answer)]).toEqual([path, '400 VALIDATION_FAILED']);
      }
      expect(await shop.productNow(productId)).toMatchObject({ stock: 90, reservedStock: 0 });
    },
  );

  it.each(['-1', '1.5', '9007199254740993', '1e309', '"1"', 'null', '1000000000000001'])(
    'docs/attacks.md 7: an order with %s points, or with that total, gets 400',
    async (text) => {
      const [user, [item]] = [shop.newUser(), await itemsOf({})];
      for (const field of ['usePoints', 'expectedTotal']) {
        const body = `{"items":[{"productId":"${item?.productId}","quantity":1}],"${field}":${text}}`;
        const headers = { 'idempotency-key': 'seven' };
        const answer = await on.call('POST', '/api/v1/orders', { token: on.token(user), text: body, headers });
        expect([field, said(answer)]).toEqual([field, '400 VALIDATION_FAILED']);
      }
    },
  );

  it('docs/attacks.md 7: an order with no items, too many, or the same one twice gets 400', async () => {
    const [user, [item]] = [shop.newUser(), await itemsOf({})];
    const many = Array.from({ length: 51 }, (_, place) => ({ productId: String(place + 1), quantity: 1 }));
    for (const items of [[], many, [item, item], {}, null, 'x', [null]]) {
      expect(said(await shop.post(user, 'orders', { items }))).toBe('400 VALIDATION_FAILED');
    }
  });

  it.each([
    'price',
    'total',
    'subtotal',
    'discount',
    'couponDiscount',
    'status',
    'role',
    'balance',
    'paidAt',
    '__proto__',
  ])('docs/attacks.md 8: a client that sends %s is refused', async (field) => {
    const [user, [item]] = [shop.newUser(), await itemsOf({})];
    const order = await shop.placed(user);
    const timeSaleId = await shop.timeSale(item?.productId ?? '');
    const bodies = [
      ['orders', { items: [item] }],
      ['payments', { orderId: order.orderId, method: 'POINTS' }],
      [`orders/${order.orderId}/cancel`, {}],
      [`time-sales/${timeSaleId}/orders`, { quantity: 1 }],
    ] as const;
    for (const [path, body] of bodies) {
      const text = JSON.stringify(body).replace(/\}$/, `${Object.keys(body).length > 0 ? ',' : ''}"${field}":1}`);
      const headers = { 'idempotency-key': `eight ${path}` };
      const answer = await on.call('POST', `/api/v1/${path}`, { token: on.token(user), text, headers });
      expect([path, said(answer)]).toEqual([path, '400 VALIDATION_FAILED']);
    }
    const inside = `{"items":[{"productId":"${item?.productId}","quantity":1,"${field}":1}]}`;
    const headers = { 'idempotency-key': 'eight inside' };
    const answer = await on.call('POST', '/api/v1/orders', { token: on.token(user), text: inside, headers });
    expect(said(answer)).toBe('400 VALIDATION_FAILED');
    expect(await shop.order(user, order.orderId)).toEqual(order);
  });

  it('docs/attacks.md 8: the total that a client expects is compared, and decides nothing', async () => {
    const [user, items] = [shop.newUser(), await itemsOf({})];
    const refused = await shop.post(user, 'orders', { items, expectedTotal: 1 });
    expect([said(refused), refused.body.total]).toEqual(['409 PRICE_CHANGED', 15_000]);
    expect(await shop.productNow(items[0]?.productId ?? '')).toMatchObject({ stock: 100, reservedStock: 0 });
  });

  it('docs/attacks.md 9: no more than was bought is refunded, once or in parts, in sequence or concurrently', async () => {
    const user = shop.newUser();
    await shop.charge(user, 100_000);
    const { orderId } = await shop.placed(user, { items: await itemsOf({ price: 10_001 }, 3) });
    expect(said(await shop.refund(orderId))).toBe('409 ORDER_NOT_REFUNDABLE');
    await shop.pay(user, orderId);
    const above = await shop.refund(orderId, { items: [{ line: 1, quantity: 4 }] });
    const unknown = await shop.refund(orderId, { items: [{ line: 2, quantity: 1 }] });
    expect([above, unknown].map(({ status }) => status)).toEqual([409, 409]);
    const parts = await times(10, () => shop.refund(orderId, { items: [{ line: 1, quantity: 1 }] }));
    expect(sorted(parts)).toEqual([...Array(3).fill('200'), ...Array(7).fill('409 ORDER_NOT_REFUNDABLE')]);
    expect(said(await shop.refund(orderId))).toBe('409 ORDER_NOT_REFUNDABLE');
    expect(await shop.order(user, orderId)).toMatchObject({ status: 'REFUNDED', refundedAmount: 30_003 });
    expect(await shop.points(user)).toMatchObject({ balance: 100_000 });
  });

  it('docs/attacks.md 12: a user who orders everything and never pays has at most twenty open orders, and all units return at expiry', async () => {
    const user = shop.newUser();
    const items = await itemsOf({ stock: 100 });
    const couponId = await shop.coupon(user);
    await shop.charge(user, 1_000);
    const rich = await shop.placed(user, { items, couponId, usePoints: 1_000 });
    const answers = await times(30, () => shop.post(user, 'orders', { items }));
    expect(sorted(answers)).toEqual([...Array(19).fill('201'), ...Array(11).fill('409 OPEN_ORDER_LIMIT_EXCEEDED')]);
    expect(await shop.couponStatus(user, couponId)).toBe('RESERVED');
    await on.advance(10 * MINUTE_MS);
    expect(said(await shop.pay(user, rich.orderId))).toBe('410 ORDER_EXPIRED');
    await on.runJobs();
    expect(await shop.order(user, rich.orderId)).toMatchObject({ status: 'EXPIRED', endedAt: expect.any(String) });
    expect(await shop.productNow(items[0]?.productId ?? '')).toMatchObject({ stock: 100, reservedStock: 0 });
    expect(await shop.points(user)).toMatchObject({ balance: 1_000, held: 0 });
    expect(await shop.couponStatus(user, couponId)).toBe('ISSUED');
    expect((await shop.post(user, 'orders', { items, couponId, usePoints: 1_000 })).status).toBe(201);
  });

  it('docs/attacks.md 13: an order that is paid is not cancelled, nor its coupon taken back', async () => {
    const user = shop.newUser();
    const couponId = await shop.coupon(user);
    await shop.charge(user, 100_000);
    const { orderId } = await shop.placed(user, { couponId });
    await shop.pay(user, orderId);
    const cancelled = await shop.post(user, `orders/${orderId}/cancel`, {});
    expect([said(cancelled), cancelled.body.orderStatus]).toEqual(['409 ORDER_NOT_CANCELLABLE', 'PAID']);
    expect(await shop.couponStatus(user, couponId)).toBe('USED');
    const released = await on.call('DELETE', `/api/v1/coupons/apply/order:${orderId}`, { token: on.token(user) });
    // The reservations of checkouts have ids that no request can name.
    expect(said(released)).toBe('404 RESERVATION_NOT_FOUND');
    expect(await shop.order(user, orderId)).toMatchObject({ status: 'PAID' });
  });

  it('a cancelled order returns everything once, however often and by however many it is cancelled', async () => {
    const user = shop.newUser();
    const [items, couponId] = [await itemsOf({}), await shop.coupon(user)];
    await shop.charge(user, 500);
    const { orderId } = await shop.placed(user, { items, couponId, usePoints: 500 });
    const answers = await times(10, () => shop.post(user, `orders/${orderId}/cancel`, {}));
    expect(sorted(answers)).toEqual(Array(10).fill('200'));
    expect(await shop.order(user, orderId)).toMatchObject({ status: 'CANCELLED' });
    expect(await shop.points(user)).toMatchObject({ balance: 500, held: 0 });
    expect(await shop.couponStatus(user, couponId)).toBe('ISSUED');
    expect(await shop.productNow(items[0]?.productId ?? '')).toMatchObject({ stock: 100, reservedStock: 0 });
    expect(said(await shop.pay(user, orderId))).toBe('409 ORDER_NOT_PAYABLE');
  });

  it('an order that is paid and cancelled concurrently ends as one or the other', async () => {
    for (let round = 0; round < 10; round++) {
      const user = shop.newUser();
      await shop.charge(user, 30_000);
      const { orderId } = await shop.placed(user);
      const [paid, cancelled] = await Promise.all([
        shop.pay(user, orderId),
        shop.post(user, `orders/${orderId}/cancel`, {}),
      ]);
      const { status } = await shop.order(user, orderId);
      expect([status, [paid.status, cancelled.status]]).toEqual(
        status === 'PAID' ? ['PAID', [201, 409]] : ['CANCELLED', [409, 200]],
      );
      expect(await shop.points(user)).toMatchObject({ balance: status === 'PAID' ? 0 : 30_000, held: 0 });
    }
  });
});

describe('keys of orders and payments', () => {
  it('docs/attacks.md 14: a key with another body gets 422 on every route of orders and payments', async () => {
    const user = shop.newUser();
    await shop.charge(user, 1_000_000);
    const [items, more] = [await itemsOf({}), await itemsOf({}, 2)];
    const timeSaleId = await shop.timeSale(await shop.product());
    const { orderId } = await shop.placed(user);
    const { orderId: paidId } = await shop.placed(user);
    await shop.pay(user, paidId);
    const token = shop.admin();
    const cases = [
      ['orders', { items }, { items: more }],
      [`time-sales/${timeSaleId}/orders`, { quantity: 1 }, { quantity: 2 }],
      ['payments', { orderId, method: 'POINTS' }, { orderId, method: 'EXTERNAL' }],
      [`orders/${paidId}/refund`, { items: [{ line: 1, quantity: 1 }], reason: 'x' }, { reason: 'y' }, { token }],
    ] as const;
    for (const [path, body, other, ask = {}] of cases) {
      const key = 'fourteen';
      const answers = [
        await shop.post(user, path, body, { key, ...ask }),
        await shop.post(user, path, body, { key, ...ask }),
        await shop.post(user, path, other, { key, ...ask }),
      ];
      expect([path, answers[0]?.status, said(answers[2] as Answer)]).toEqual([
        path,
        path.endsWith('refund') ? 200 : 201,
        '422 IDEMPOTENCY_KEY_REUSED',
      ]);
      expect(answers[1]?.text).toBe(answers[0]?.text);
      expect(answers.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true', null]);
    }
  });

  it('docs/attacks.md 15: a key of orders and payments belongs to one user and one route', async () => {
    const [one, other] = [shop.newUser(), shop.newUser()];
    const productId = await shop.product();
    const timeSaleId = await shop.timeSale(productId);
    const items = [{ productId, timeSaleId, quantity: 1 }];
    const key = 'fifteen';
    const answers = [
      await shop.post(one, 'orders', { items }, { key }),
      await shop.post(other, 'orders', { items }, { key }),
      await shop.post(one, `time-sales/${timeSaleId}/orders`, { quantity: 1 }, { key }),
      await shop.post('1', 'orders', { items, userId: other }, { key, token: shop.admin() }),
    ];
    expect(answers.map(said)).toEqual(Array(4).fill('201'));
    expect(answers.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual(Array(4).fill(null));
    expect(new Set(answers.map(({ body }) => body.orderId)).size).toBe(4);
  });

  it('docs/attacks.md 16: a key is required on every route that moves money or stock', async () => {
    const user = shop.newUser();
    const { orderId, items } = await shop.placed(user);
    const [{ productId }] = items;
    const timeSaleId = await shop.timeSale(productId);
    const none = { key: null };
    const answers = [
      await shop.post(user, 'orders', { items: [{ productId, quantity: 1 }] }, none),
      await shop.post(user, `time-sales/${timeSaleId}/orders`, { quantity: 1 }, none),
      await shop.post(user, 'payments', { orderId, method: 'POINTS' }, none),
      await shop.post(user, `orders/${orderId}/cancel`, {}, none),
      await shop.refund(orderId, {}, none),
    ];
    expect(answers.map(said)).toEqual(Array(5).fill('400 IDEMPOTENCY_KEY_REQUIRED'));
    expect(await shop.order(user, orderId)).toMatchObject({ status: 'RESERVED' });
  });

  it.each(['k'.repeat(10_000), 'k'.repeat(256), 'k\tk', 'ké', ''])(
    'docs/attacks.md 17: the key %j gets 400',
    async (key) => {
      const user = shop.newUser();
      const { orderId } = await shop.placed(user);
      for (const [path, json] of [
        ['orders', { items: await itemsOf({}) }],
        ['payments', { orderId, method: 'POINTS' }],
        [`orders/${orderId}/cancel`, {}],
      ] as const) {
        const answer = await shop.post(user, path, json, { key });
        expect([path, answer.status, answer.body.errors?.[0]?.field]).toEqual([path, 400, 'Idempotency-Key']);
      }
    },
  );

  it('docs/attacks.md 18: thirty concurrent requests with one key have one effect', async () => {
    const user = shop.newUser();
    await shop.charge(user, 100_000);
    const items = await itemsOf({});
    const key = 'eighteen';
    const place = () => shop.post(user, 'orders', { items, usePoints: 100 }, { key });
    const placed = [...answeredOnce(await times(30, place), 201), await place()];
    expect(new Set(placed.map(({ body }) => body.orderId)).size).toBe(1);
    const pay = () => shop.pay(user, placed[0]?.body.orderId, 'POINTS', { key });
    const paid = [...answeredOnce(await times(30, pay), 201), await pay()];
    expect(new Set(paid.map(({ body }) => body.paymentId)).size).toBe(1);
    const refund = () => shop.refund(placed[0]?.body.orderId, {}, { key });
    const refunds = [...answeredOnce(await times(30, refund), 200), await refund()];
    expect(new Set(refunds.map(({ body }) => body.refundId)).size).toBe(1);
    expect(await shop.points(user)).toMatchObject({ balance: 100_000, held: 0 });
    expect(await shop.productNow(items[0]?.productId ?? '')).toMatchObject({ stock: 100, soldCount: 0 });
  });

  it('docs/attacks.md 18: of two different concurrent payments of an order one pays', async () => {
    const user = shop.newUser();
    await shop.charge(user, 100_000);
    const { orderId } = await shop.placed(user);
    const paid = await times(10, () => shop.pay(user, orderId));
    expect(sorted(paid)).toEqual(['201', ...Array(9).fill('409 ORDER_NOT_PAYABLE')]);
    expect(await shop.points(user)).toMatchObject({ balance: 70_000, held: 0 });
  });

  it('docs/attacks.md 19: a repeat of an order without a valid token is refused', async () => {
    const headers = { 'idempotency-key': 'nineteen', authorization: 'Bearer x.y.z' };
    for (const path of ['orders', 'payments', 'time-sales/1/orders', 'orders/1/cancel', 'orders/1/refund']) {
      expect([path, (await on.call('POST', `/api/v1/${path}`, { json: {}, headers })).status]).toEqual([path, 401]);
    }
  });

  it('a key keeps the refusal of an order that failed, also when it could succeed now', async () => {
    const user = shop.newUser();
    const json = { items: await itemsOf({}), usePoints: 10 };
    const ask = () => shop.post(user, 'orders', json, { key: 'early' });
    const refused = await ask();
    await shop.charge(user, 100);
    const again = await ask();
    expect([refused, again].map(said)).toEqual(Array(2).fill('409 INSUFFICIENT_POINTS'));
    expect([refused, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    expect((await shop.post(user, 'orders', json, { key: 'late' })).status).toBe(201);
  });
});

describe('orders of other users', () => {
  it('docs/attacks.md 32: every request for an order of another user gets 404', async () => {
    const [owner, stranger] = [shop.newUser(), shop.newUser()];
    const order = await shop.placed(owner);
    await shop.charge(stranger, 100_000);
    const ask = async (orderId: string): Promise<Answer[]> => [
      await on.call('GET', `/api/v1/orders/${orderId}`, { token: on.token(stranger) }),
      await shop.post(stranger, `orders/${orderId}/cancel`, {}),
      await shop.pay(stranger, orderId, 'POINTS'),
      await shop.pay(stranger, orderId, 'EXTERNAL'),
    ];
    const [theirs, none] = [await ask(order.orderId), await ask('999')];
    expect(theirs.map(said)).toEqual(Array(4).fill('404 ORDER_NOT_FOUND'));
    const bare = ({ body }: Answer) => ({ ...body, instance: '', requestId: '' });
    expect(theirs.map(bare)).toEqual(none.map(bare));
    const listed = await on.call('GET', `/api/v1/orders?userId=${owner}`, { token: on.token(stranger) });
    expect(said(listed)).toBe('404 NOT_FOUND');
    const forOthers = [
      await shop.post(stranger, 'orders', { items: await itemsOf({}), userId: owner }),
      await shop.post(stranger, 'payments', { orderId: order.orderId, method: 'POINTS', userId: owner }),
    ];
    expect(forOthers.map(said)).toEqual(Array(2).fill('403 FORBIDDEN'));
    expect(await shop.order(owner, order.orderId)).toEqual(order);
  });

  it('docs/attacks.md 32: an order cannot be paid or refunded with the coupon or points of another user', async () => {
    const [owner, stranger] = [shop.newUser(), shop.newUser()];
    const couponId = await shop.coupon(owner);
    const answer = await shop.post(stranger, 'orders', { items: await itemsOf({}), couponId });
    expect(said(answer)).toBe('404 COUPON_NOT_FOUND');
    expect(await shop.couponStatus(owner, couponId)).toBe('ISSUED');
  });

  it('docs/attacks.md 32: the lines of an order are refunded by the owner of their store, and by no other owner', async () => {
    const [user, owner, other] = [shop.newUser(), on.token(testUser(31), 'OWNER'), on.token(testUser(32), 'OWNER')];
    await shop.charge(user, 100_000);
    const [storeId] = [await storeOf(on, testUser(31)), await storeOf(on, testUser(32))];
    const body = { name: 'Tea', description: '', price: 5_000, stock: 10, storeId };
    const made = await shop.post(testUser(31), 'products', body, { token: owner });
    const { orderId } = await shop.placed(user, { items: [{ productId: made.body.productId, quantity: 1 }] });
    await shop.pay(user, orderId);
    const theirs = await shop.refund(orderId, {}, { token: other });
    const none = await shop.refund('999', {}, { token: other });
    expect([theirs, none].map(said)).toEqual(Array(2).fill('404 ORDER_NOT_FOUND'));
    expect((await shop.refund(orderId, {}, { token: owner })).status).toBe(200);
  });

  it('docs/attacks.md 33: a customer cannot refund an order, not even their own, with any method', async () => {
    const user = shop.newUser();
    await shop.charge(user, 100_000);
    const { orderId } = await shop.placed(user);
    await shop.pay(user, orderId);
    expect(said(await shop.refund(orderId, {}, { token: on.token(user) }))).toBe('403 FORBIDDEN');
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await on.call(method, `/api/v1/orders/${orderId}/refund`, { token: on.token(user) });
      expect([method, said(answer)]).toEqual([method, '405 METHOD_NOT_ALLOWED']);
    }
    expect(await shop.order(user, orderId)).toMatchObject({ status: 'PAID', refundedAmount: 0 });
  });

  it.each([
    '/api/v1/%6frders/ID/refund',
    '/api/v1/orders/ID/%72efund',
    '/api/v1/orders/ID/%2572efund',
    '//api/v1/orders/ID/refund',
    '/api/v1/orders/ID//refund',
    '/api/v1/orders/ID/refund/',
    '/api/v1/orders/ID/refund;x=1',
    '/api/v1/ORDERS/ID/Refund',
    '/api/v1/payments/../orders/ID/refund',
    '/api/v1/orders/ID/./refund',
  ])('docs/attacks.md 34: the path %s is refused like its plain spelling', async (spelling) => {
    const user = shop.newUser();
    await shop.charge(user, 100_000);
    const { orderId } = await shop.placed(user);
    await shop.pay(user, orderId);
    const path = spelling.replace('ID', orderId);
    const headers = { 'Idempotency-Key': 'thirty-four', 'Content-Length': '0' };
    const bearer = { Authorization: `Bearer ${on.token(user)}` };
    expect([400, 401, 404]).toContain((await rawRequest(on.url, 'POST', path, headers)).status);
    const asCustomer = await rawRequest(on.url, 'POST', path, { ...headers, ...bearer });
    expect([400, 403, 404]).toContain(asCustomer.status);
    expect(await shop.order(user, orderId)).toMatchObject({ status: 'PAID', refundedAmount: 0 });
  });

  it('docs/attacks.md 32: orders disclose nothing by HEAD, not even their owner', async () => {
    const user = shop.newUser();
    const { orderId } = await shop.placed(user);
    for (const path of [`orders/${orderId}`, 'orders', 'products', 'time-sales']) {
      const answer = await on.call('HEAD', `/api/v1/${path}`, { token: on.token(user) });
      expect([path, answer.status, answer.text, answer.headers.get('allow')?.includes('GET')]).toEqual([
        path,
        405,
        '',
        true,
      ]);
    }
  });

  it('orders are visible to machines that act for their user, and to administrators', async () => {
    const user = shop.newUser();
    const token = on.token('2', 'SERVICE', 'orders:write');
    const placed = await shop.post('2', 'orders', { items: await itemsOf({}), userId: user }, { token });
    expect([placed.status, placed.body.userId]).toEqual([201, user]);
    const listed = await on.call('GET', `/api/v1/orders?userId=${user}`, { token: shop.admin() });
    expect(listed.body).toEqual({ orders: [placed.body], nextCursor: null, hasMore: false });
  });
});

describe('responses about orders', () => {
  it('docs/attacks.md 36: responses about orders contain the documented fields and no others', async () => {
    const user = shop.newUser();
    await shop.charge(user, 100_000);
    const order = await shop.placed(user);
    const paid = (await shop.pay(user, order.orderId)).body;
    const refund = (await shop.refund(order.orderId)).body;
    const { paths } = await resolvedDocument(on);
    const fieldsOf = (path: string, status: number): string[] => {
      const { schema } = paths[path].post.responses[status].content['application/json'];
      // No user of these tests is one of another issuer.
      return Object.keys(schema.properties)
        .filter((name) => name !== 'externalId')
        .sort();
    };
    expect(Object.keys(order).sort()).toEqual(fieldsOf('/api/v1/orders', 201));
    expect(Object.keys(paid).sort()).toEqual(fieldsOf('/api/v1/payments', 201));
    expect(Object.keys(refund).sort()).toEqual(fieldsOf('/api/v1/orders/{orderId}/refund', 200));
  });

  it('docs/attacks.md 39, 49: malformed queries and paths get 400, and pages can be read to their end', async () => {
    const user = shop.newUser();
    const token = on.token(user);
    const items = await itemsOf({});
    for (let count = 0; count < 5; count++) await shop.placed(user, { items });
    for (const query of [
      'limit=1&limit=2',
      'limit[]=1',
      'status=PAID&status=PENDING',
      'status=paid',
      'status=',
      'unknown=1',
      'limit=0',
      'limit=101',
      'limit=1000000000',
      'limit=-1',
      'userId=me',
      'userId=9223372036854775808',
    ]) {
      expect([query, (await on.call('GET', `/api/v1/orders?${query}`, { token })).status]).toEqual([query, 400]);
    }
    for (const path of ['orders/x', 'orders/0', 'orders/-1', 'orders/1.0', 'orders/9223372036854775808']) {
      expect([path, (await on.call('GET', `/api/v1/${path}`, { token })).status]).toEqual([path, 400]);
    }
    expect((await shop.post(user, 'orders?x=1', { items })).status).toBe(400);
    expect((await shop.post(user, 'time-sales/x/orders', { quantity: 1 })).status).toBe(400);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = `limit=2&status=RESERVED${cursor && `&cursor=${cursor}`}`;
      const { body } = await on.call('GET', `/api/v1/orders?${query}`, { token });
      seen.push(...body.orders.map(({ orderId }: { orderId: string }) => orderId));
      cursor = body.nextCursor;
    }
    expect([seen.length, seen]).toEqual([5, seen.toSorted((a, b) => (BigInt(a) > BigInt(b) ? -1 : 1))]);
    const none = await on.call('GET', '/api/v1/orders?status=PAID', { token });
    expect(none.body).toEqual({ orders: [], nextCursor: null, hasMore: false });
  });

  it.each(['"x"', '[]', '{"items":"x"}', '{', '', '{"items":[{"productId":{"a":1},"quantity":1}]}'])(
    'docs/attacks.md 45: the body %j gets a problem document without internals',
    async (text) => {
      const user = shop.newUser();
      for (const path of ['orders', 'payments', 'time-sales/1/orders', 'orders/1/refund']) {
        const headers = { 'idempotency-key': 'x', 'accept-language': 'ko' };
        const token = path.endsWith('refund') ? shop.admin() : on.token(user);
        const answer = await on.call('POST', `/api/v1/${path}`, { token, text, headers });
        expect([path, said(answer)]).toEqual([path, '400 VALIDATION_FAILED']);
        expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
        expect(answer.text).not.toMatch(/node_modules|\.ts:|select |insert |\/work\/|Error:/i);
      }
    },
  );

  const sendTo = async (path: string, text: string, type: string) => {
    const headers = { 'idempotency-key': 'forty', 'content-type': type };
    const sent = await on.call('POST', `/api/v1/${path}`, { token: on.token(shop.newUser()), text, headers });
    return [path, said(sent)];
  };
  const bodyPaths = async (): Promise<readonly string[]> => {
    const { orderId } = await shop.placed(shop.newUser());
    return ['orders', 'payments', 'time-sales/1/orders', `orders/${orderId}/cancel`];
  };

  it('docs/attacks.md 40: other types than JSON get 415', async () => {
    for (const path of await bodyPaths()) {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/csv', 'application/xml']) {
        expect(await sendTo(path, '{}', type)).toEqual([path, '415 UNSUPPORTED_MEDIA_TYPE']);
      }
    }
  });

  it('docs/attacks.md 41: bodies over 1 MB get 413', { tags: 'upload' }, async () => {
    const large = `{"x":"${'x'.repeat(1024 * 1024)}"}`;
    for (const path of await bodyPaths()) {
      expect(await sendTo(path, large, 'application/json')).toEqual([path, '413 PAYLOAD_TOO_LARGE']);
    }
  });

  it('docs/attacks.md 38: the reason of a refund is stored as it is, or refused', async () => {
    const user = shop.newUser();
    await shop.charge(user, 100_000);
    const { orderId } = await shop.placed(user);
    await shop.pay(user, orderId);
    for (const reason of ['a\r\nb', 'a\u0000b', '', ' ', 'x'.repeat(501)]) {
      expect(said(await shop.refund(orderId, { reason }))).toBe('400 VALIDATION_FAILED');
    }
    expect((await shop.refund(orderId, { reason: "'); drop table orders.orders; --" })).status).toBe(200);
  });
});
