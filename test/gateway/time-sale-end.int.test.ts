// @module-tag rows
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { type Composed, compose } from '../../src/app/compose.ts';
import type { TimeSale } from '../../src/contexts/order/api.ts';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { configOf } from '../attacks/support.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

const ADMIN = { userId: 1n, role: 'ADMIN' };
const BEGIN_MS = Date.now();

let database: TestDatabase;
let system: Composed;
let nowMs: number;
beforeEach(async () => {
  nowMs = BEGIN_MS;
  database = await testDatabase();
  system = await compose(configOf(database.programUrl), {
    log: pino({ level: 'silent' }),
    presentAt: () => nowMs,
    batchMax: 4,
  });
});
afterEach(async () => {
  const { audits } = await runAudits(database.programUrl, {});
  await system.stop();
  await database.drop();
  expect(audits.filter(({ ok }) => !ok)).toEqual([]);
});

const shop = () => system.contexts.apis.order;
const run = async (name: string): Promise<number> => {
  const job = system.contexts.hosted.flatMap(({ jobs }) => jobs).find((each) => each.name === name);
  if (!job) throw new Error(`no job ${name}`);
  return await job.run(new AbortController().signal);
};

async function openSale(quantity: number, limitPerUser: number): Promise<TimeSale> {
  const product = { principal: ADMIN, name: 'Ceramic mug', description: '', price: 1_000n, stock: 100 };
  const made = (await shop().createProduct(product)).outcome;
  if (made?.$case !== 'product') throw new Error('no product');
  const times = { startsAt: new Date(BEGIN_MS), endsAt: new Date(BEGIN_MS + 5 * MINUTE_MS) };
  const asked = { principal: ADMIN, productId: made.value.id, salePrice: 700n, quantity, limitPerUser, ...times };
  const sale = (await shop().createTimeSale(asked)).outcome;
  if (sale?.$case !== 'timeSale') throw new Error('no time sale');
  return sale.value;
}
const place = (userId: bigint, { id, productId }: TimeSale, quantity: number) =>
  shop().placeOrder({ userId, key: 'one', items: [{ productId, timeSaleId: id, quantity }], usePoints: 0n });
async function ordered(userId: bigint, sale: TimeSale, quantity: number): Promise<bigint> {
  const { outcome } = await place(userId, sale, quantity);
  if (outcome?.$case !== 'order') throw new Error(`not ordered: ${outcome?.value.code}`);
  return outcome.value.id;
}
async function pay(userId: bigint, orderId: bigint): Promise<string | undefined> {
  await system.contexts.apis.point.chargePoints({ userId, amount: 10_000n, key: `charge ${orderId}` });
  const { outcome } = await shop().payOrder({ userId, orderId, key: 'pay', method: 'POINTS' });
  return outcome?.$case === 'payment' ? outcome.value.status : outcome?.value.code;
}
async function units({ id, productId }: TimeSale): Promise<readonly Readonly<Record<string, number>>[]> {
  const { pool } = system.database;
  const product = await pool.query('select stock, reserved, sold from orders.products where id = $1', [productId]);
  const sale = await pool.query('select stock, reserved, sold, returned from orders.time_sales where id = $1', [id]);
  return [product.rows[0], sale.rows[0]];
}

it('a time sale that ends returns its free units at once, and the others when their orders end', async () => {
  const sale = await openSale(10, 5);
  const paid = await ordered(11n, sale, 3);
  expect(await pay(11n, paid)).toBe('COMPLETED');
  const late = await ordered(12n, sale, 2);
  const never = await ordered(13n, sale, 2);

  nowMs = BEGIN_MS + 5 * MINUTE_MS;
  expect((await place(14n, sale, 1)).outcome).toMatchObject({ value: { code: 'TIME_SALE_NOT_ACTIVE' } });
  expect(await run('order.time-sales')).toBe(1);
  expect(await units(sale)).toEqual([
    { stock: 93, reserved: 0, sold: 3 },
    { stock: 0, reserved: 4, sold: 3, returned: 3 },
  ]);

  // Ordered in time, so the price stays.
  expect(await pay(12n, late)).toBe('COMPLETED');
  nowMs = BEGIN_MS + 10 * MINUTE_MS;
  expect(await run('order.resume')).toBe(1);
  expect((await shop().getOrder({ orderId: never })).outcome).toMatchObject({ value: { status: 'EXPIRED' } });
  expect(await units(sale)).toEqual([
    { stock: 95, reserved: 0, sold: 5 },
    { stock: 0, reserved: 0, sold: 5, returned: 5 },
  ]);

  const refund = { principal: ADMIN, orderId: paid, key: 'back', lines: [], reason: 'Broken' };
  expect((await shop().refundOrder(refund)).outcome?.$case).toBe('refund');
  expect(await units(sale)).toEqual([
    { stock: 98, reserved: 0, sold: 2 },
    { stock: 0, reserved: 0, sold: 2, returned: 8 },
  ]);
  const { products } = await shop().listPopularProducts({ limit: 10, days: 1 });
  expect(products.map(({ product, quantitySold }) => [product?.id, quantitySold])).toEqual([[sale.productId, 2n]]);
});

it('no unit is lost or sold twice when a sale ends in the middle of a rush, while its product is edited', async () => {
  const sale = await openSale(40, 1);
  const beside: Promise<unknown>[] = [];
  let answered = 0;
  const placed = await Promise.all(
    Array.from({ length: 60 }, async (_, n) => {
      const { outcome } = await place(100n + BigInt(n), sale, 1);
      answered += 1;
      if (answered === 12) {
        nowMs = BEGIN_MS + 5 * MINUTE_MS;
        const edit = { principal: ADMIN, productId: sale.productId, version: 1, addStock: 7 };
        beside.push(...[1, 2, 3].map(() => run('order.time-sales')), shop().updateProduct(edit));
      }
      return outcome?.$case === 'order';
    }),
  );
  await Promise.all(beside);
  const count = placed.filter(Boolean).length;
  expect(count).toBeGreaterThanOrEqual(12);
  expect(await units(sale)).toEqual([
    { stock: 107 - count, reserved: 0, sold: 0 },
    { stock: 0, reserved: count, sold: 0, returned: 40 - count },
  ]);
});
