import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { type Shop, shopOn } from '../attacks/shop.ts';
import { call, configOf, type Stage, stage, storeOf, testUsers } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
let shop: Shop;
let productId: string;
beforeAll(async () => {
  on = await stage();
  shop = shopOn(on);
});
afterAll(async () => {
  expect(await on.violations()).toEqual([]);
  await on.stop();
});
beforeEach(async () => {
  productId = await shop.product({ stock: 100 });
});

const admin = () => on.token(testUser(1), 'ADMIN');
const change = (id: string, json: object, token = admin()) =>
  on.call('PATCH', `/api/v1/time-sales/${id}`, { token, json });
const stop = (id: string, token = admin(), headers = {}) =>
  on.call('POST', `/api/v1/time-sales/${id}/stop`, { token, json: {}, headers });
const buy = (id: string, quantity = 1, user = shop.newUser()) =>
  shop.post(user, `time-sales/${id}/orders`, { quantity });
const stockNow = async (): Promise<number> => (await shop.productNow(productId)).stock;

it('a repeat of an order gets it although its product was hidden since, also at a node that did not know the sale', {
  tags: 'rows',
}, async () => {
  const [user, timeSaleId] = [shop.newUser(), await shop.timeSale(productId)];
  const json = { quantity: 1 };
  const first = await shop.post(user, `time-sales/${timeSaleId}/orders`, json, { key: 'hidden-since' });
  expect(first.status).toBe(201);
  const hide = { version: 1, hidden: true };
  expect((await on.call('PATCH', `/api/v1/products/${productId}`, { token: admin(), json: hide })).status).toBe(200);
  const other = await startServer(configOf(on.database.programUrl));
  try {
    const ask = (key: string) =>
      call(other.url, 'POST', `/api/v1/time-sales/${timeSaleId}/orders`, {
        token: on.token(user),
        json,
        headers: { 'idempotency-key': key },
      });
    const repeated = await ask('hidden-since');
    expect([repeated.status, repeated.text]).toEqual([201, first.text]);
    const anew = await ask('hidden-anew');
    expect([anew.status, anew.body.code]).toEqual([404, 'TIME_SALE_NOT_FOUND']);
  } finally {
    await other.stop();
  }
});

describe('a change of a time sale over HTTP', () => {
  it('a running sale gets more units, another limit and a later end', async () => {
    const id = await shop.timeSale(productId, { quantity: 1, limitPerUser: 1 });
    const user = shop.newUser();
    expect((await buy(id, 1, user)).status).toBe(201);
    expect((await buy(id)).body.code).toBe('OUT_OF_STOCK');
    const endsAt = new Date(on.now() + 7_200_000).toISOString();
    const changed = await change(id, { quantity: 5, limitPerUser: 3, endsAt });
    expect([changed.status, changed.body]).toMatchObject([
      200,
      { quantity: 5, remaining: 4, limitPerUser: 3, endsAt, status: 'ACTIVE' },
    ]);
    // What the node remembers of a sold-out sale is at most a second old.
    await expect.poll(async () => (await buy(id, 2, user)).status, { timeout: 60_000 }).toBe(201);
    expect(await stockNow()).toBe(95);
  });

  it('units that are sold or in orders stay, and the product gives no more than it has', async () => {
    const id = await shop.timeSale(productId, { quantity: 10, limitPerUser: 9 });
    await buy(id, 4);
    for (const quantity of [3, 101]) {
      const refused = await change(id, { quantity });
      expect([quantity, refused.status, refused.body.code]).toEqual([quantity, 409, 'OUT_OF_STOCK']);
    }
    expect((await change(id, { quantity: 4, limitPerUser: 1 })).body).toMatchObject({
      remaining: 0,
      status: 'SOLD_OUT',
    });
    expect(await stockNow()).toBe(96);
  });

  it('the price of a running sale is fixed, and a cheaper product is what a buyer pays', async () => {
    const id = await shop.timeSale(productId);
    const refused = await change(id, { salePrice: 100 });
    expect([refused.status, refused.body.errors]).toMatchObject([400, [{ field: 'salePrice' }]]);
    await on.call('PATCH', `/api/v1/products/${productId}`, { token: admin(), json: { version: 1, price: 9_000 } });
    expect((await buy(id, 2)).body).toMatchObject({ subtotal: 18_000, items: [{ unitPrice: 9_000 }] });
  });

  it('a time sale is changed and stopped by the owner of its store only', async () => {
    const storeId = await storeOf(on, testUser(71));
    productId = await shop.product({ storeId });
    const id = await shop.timeSale(productId);
    for (const token of [on.token(testUser(72), 'OWNER'), on.token(testUser(73))]) {
      expect((await change(id, { quantity: 20 }, token)).status).toBe(403);
      expect((await stop(id, token)).status).toBe(403);
    }
    const own = on.token(testUser(71), 'OWNER');
    expect((await change(id, { quantity: 20 }, own)).status).toBe(200);
    expect((await stop(id, own)).status).toBe(200);
    expect((await change('123', { quantity: 20 })).body.code).toBe('TIME_SALE_NOT_FOUND');
    expect((await stop('123')).body.code).toBe('TIME_SALE_NOT_FOUND');
    for (const json of [{}, { startsAt: new Date().toISOString() }, { quantity: 0 }, { limitPerUser: 0 }]) {
      expect([json, (await change(id, json)).status]).toEqual([json, 400]);
    }
  });
});

describe('a stop of a time sale over HTTP', () => {
  it('what is left returns to the product at once, and what is in orders when they end', { tags: 'rows' }, async () => {
    const id = await shop.timeSale(productId, { quantity: 10 });
    const user = shop.newUser();
    const { body: order } = await buy(id, 2, user);
    const stopped = await stop(id);
    expect([stopped.status, stopped.body]).toMatchObject([200, { remaining: 0, status: 'ENDED' }]);
    expect(await stockNow()).toBe(98);
    expect((await buy(id)).body.code).toBe('TIME_SALE_NOT_ACTIVE');
    expect((await change(id, { quantity: 20 })).body.code).toBe('TIME_SALE_NOT_ACTIVE');
    await shop.post(user, `orders/${order.orderId}/cancel`, {});
    expect(await stockNow()).toBe(100);
    expect((await stop(id)).body).toEqual(stopped.body);
    const events = await on.query<{ n: number }>(
      `select count(*)::int n from orders.time_sales where id = $1 and announced = 'ENDED' and returned = 10`,
      [id],
    );
    expect(events.rows).toEqual([{ n: 1 }]);
  });

  it('a sale that has not begun is over when it is stopped', async () => {
    const startsAt = new Date(on.now() + 1_800_000).toISOString();
    const id = await shop.timeSale(productId, { startsAt });
    expect((await stop(id)).body).toMatchObject({ status: 'ENDED', remaining: 0 });
    expect(await stockNow()).toBe(100);
    expect((await on.call('GET', '/api/v1/time-sales?status=SCHEDULED')).body.timeSales).toEqual([]);
  });

  it('orders that race with changes and a stop leave every unit in one place', { tags: 'rows' }, async () => {
    const id = await shop.timeSale(productId, { quantity: 30, limitPerUser: 5 });
    const users = Array.from({ length: 20 }, () => shop.newUser());
    const orders = Array.from({ length: 120 }, (_, index) => buy(id, 1 + (index % 3), users[index % users.length]));
    const changes = [12, 60, 25, 80].map((quantity) => change(id, { quantity, limitPerUser: quantity % 7 }));
    const placed = await Promise.all([...orders.slice(0, 60), ...changes.slice(0, 2)]);
    const rest = Promise.all([...orders.slice(60), ...changes.slice(2)]);
    const [stopped, ...again] = await Promise.all([stop(id), stop(id), stop(id)]);
    await rest;
    expect([stopped?.status, ...again.map(({ status }) => status)]).toEqual([200, 200, 200]);
    expect(placed.some(({ status }) => status === 201)).toBe(true);
    const { rows } = await on.query<{ stock: number; taken: number; in_orders: number; open: number }>(
      `select p.stock, s.reserved + s.sold as taken, s.stock as open,
         (select coalesce(sum(quantity), 0)::int from orders.order_lines where time_sale_id = s.id) as in_orders
       from orders.products p join orders.time_sales s on s.product_id = p.id where s.id = $1`,
      [id],
    );
    const [units] = rows;
    expect(units).toMatchObject({ open: 0, taken: units?.in_orders, stock: 100 - (units?.taken ?? 0) });
  });
});
