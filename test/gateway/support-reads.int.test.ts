import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Shop, shopOn } from '../attacks/shop.ts';
import { type Stage, stage, storeOf, testUsers } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
let shop: Shop;
beforeAll(async () => {
  on = await stage();
  shop = shopOn(on);
});
afterAll(() => on.stop());

const admin = () => on.token(testUser(1), 'ADMIN');
const get = (path: string, token = admin()) => on.call('GET', `/api/v1/${path}`, { token });
const ids = (body: { readonly orders: readonly { readonly orderId: string }[] }) =>
  body.orders.map(({ orderId }) => orderId);

it('support lists the orders of a user, of a store and of a time, by pages', { tags: 'alone' }, async () => {
  const storeId = await storeOf(on, testUser(61));
  const items = [{ productId: await shop.product({ storeId }), quantity: 1 }];
  const [ann, ben] = [shop.newUser(), shop.newUser()];
  const from = new Date().toISOString();
  const first = (await shop.placed(ann, { items })).orderId;
  const second = (await shop.placed(ben)).orderId;
  const third = (await shop.placed(ben, { items })).orderId;

  expect(ids((await get(`orders?userId=${ben}`)).body)).toEqual([third, second]);
  expect(ids((await get(`orders?storeId=${storeId}`)).body)).toEqual([third, first]);
  expect(ids((await get(`orders?storeId=${storeId}&userId=${ann}`)).body)).toEqual([first]);
  const page = (await get(`orders?from=${from}&limit=2`)).body;
  expect([ids(page), page.hasMore]).toEqual([[third, second], true]);
  const rest = (await get(`orders?from=${from}&limit=2&cursor=${page.nextCursor}`)).body;
  expect([ids(rest), rest.hasMore]).toEqual([[first], false]);
  expect(ids((await get(`orders?to=${from}`)).body)).not.toContain(first);
  const machine = on.token('2', 'SERVICE', 'orders:read');
  expect(ids((await get(`orders?from=${from}&status=RESERVED`, machine)).body)).toEqual([third, second, first]);
});

it('a customer lists own orders only, whatever is asked for', async () => {
  const [ann, ben] = [shop.newUser(), shop.newUser()];
  const { orderId } = await shop.placed(ann);
  await shop.placed(ben);
  const from = new Date(on.now() - 60_000).toISOString();
  expect(ids((await get(`orders?from=${from}`, on.token(ann))).body)).toEqual([orderId]);
  expect((await get(`orders?storeId=1`, on.token(ann))).body.code).toBe('FORBIDDEN');
  expect((await get(`orders?userId=${ben}`, on.token(ann))).status).toBe(404);
});

it('an order shows what was paid, what went back and why, to its user and to support', async () => {
  const [ann, ben] = [shop.newUser(), shop.newUser()];
  await shop.charge(ann, 50_000);
  const { orderId } = await shop.placed(ann);
  const paid = await shop.pay(ann, orderId);
  const refunded = await shop.refund(orderId, { items: [{ line: 1, quantity: 1 }], reason: 'Arrived broken' });
  const { paymentId } = paid.body;
  const payment = {
    paymentId,
    orderId,
    userId: ann,
    method: 'POINTS',
    currency: 'KRW',
    amount: 30_000,
    status: 'COMPLETED',
    providerUrl: null,
    failure: null,
    createdAt: expect.stringMatching(/Z$/),
    settledAt: expect.stringMatching(/Z$/),
  };
  for (const token of [on.token(ann), admin(), on.token('2', 'SERVICE', 'orders:read')]) {
    const payments = await get(`orders/${orderId}/payments`, token);
    expect([payments.status, payments.body]).toEqual([200, { payments: [payment], nextCursor: null, hasMore: false }]);
    expect((await get(`payments/${paymentId}`, token)).body).toEqual(payment);
    expect((await get(`orders/${orderId}/refunds`, token)).body).toEqual({
      refunds: [
        {
          refundId: refunded.body.refundId,
          orderId,
          paymentId,
          currency: 'KRW',
          amount: 15_000,
          points: 0,
          status: expect.stringMatching(/^(PENDING|DONE)$/),
          reason: 'Arrived broken',
          items: [{ line: 1, quantity: 1, amount: 15_000, points: 0 }],
          createdAt: expect.stringMatching(/Z$/),
        },
      ],
      nextCursor: null,
      hasMore: false,
    });
  }
  for (const [path, code] of [
    [`orders/${orderId}/payments`, 'ORDER_NOT_FOUND'],
    [`orders/${orderId}/refunds`, 'ORDER_NOT_FOUND'],
    [`payments/${paymentId}`, 'PAYMENT_NOT_FOUND'],
  ] as const) {
    const refused = await get(path, on.token(ben));
    expect([path, refused.status, refused.body.code]).toEqual([path, 404, code]);
  }
  expect((await get('payments/123')).body.code).toBe('PAYMENT_NOT_FOUND');
});
