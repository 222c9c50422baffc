import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../platform/kernel/contract.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import { createNotifier } from '../../../platform/kernel/notifier.ts';
import { applyTimeSaleTransitions } from '../application/time-sale/apply-due-transitions.ts';
import {
  ADMIN,
  type CatalogFixture,
  catalogFixture,
  codeOf,
  fieldsOf,
  NOW_MS,
  resultIn,
  timeSaleOf,
} from './catalog-fixture.ts';

const OWNER: Principal = { userId: 7n, role: 'OWNER' };
const OTHER: Principal = { userId: 8n, role: 'OWNER' };

let on: CatalogFixture;
beforeEach(async () => {
  on = await catalogFixture();
});
afterEach(() => on.close());

describe('time sales', () => {
  it('a sale that begins while its lock is awaited keeps its price', async () => {
    const { id } = await on.product();
    const startsAtMs = NOW_MS + HOUR_MS / 2;
    const sale = await on.timeSale({ productId: id, startsAt: new Date(startsAtMs) });
    const lock = await on.lockProduct(id);
    const changing = on.changeTimeSale({ principal: ADMIN, timeSaleId: sale.id, salePrice: 1n, endsAt: undefined });
    await lock.awaited();
    on.moveTo(startsAtMs);
    await lock.release();
    expect(fieldsOf(await changing)).toEqual(['salePrice']);
    expect(resultIn(await on.getTimeSale({ timeSaleId: sale.id, principal: undefined })).salePrice).toBe(700n);
  });

  it('a sale that ends while its lock is awaited is not stopped', async () => {
    const { id } = await on.product();
    const sale = await on.timeSale({ productId: id });
    const lock = await on.lockProduct(id);
    const stopping = on.stopTimeSale({ principal: ADMIN, timeSaleId: sale.id });
    await lock.awaited();
    on.moveTo(NOW_MS + HOUR_MS);
    await lock.release();
    expect(resultIn(await stopping)).toMatchObject({ status: 'ENDED', endsAt: sale.endsAt });
    expect(await on.events()).toEqual([]);
  });

  it('a sale whose start passes while the lock of its product is awaited is not created', async () => {
    const { id } = await on.product();
    const endsAt = new Date(NOW_MS + HOUR_MS);
    const lock = await on.lockProduct(id);
    const creating = on.createTimeSale(timeSaleOf({ productId: id, endsAt }));
    await lock.awaited();
    on.moveTo(NOW_MS + HOUR_MS);
    await lock.release();
    expect(codeOf(await creating)).toBe('VALIDATION_FAILED');
  });

  it('a time sale has units of its own, taken from the stock of its product', async () => {
    const { id } = await on.product({ principal: OWNER, stock: 25 });
    const made = await on.timeSale({ productId: id, principal: OWNER });
    expect(made).toMatchObject({
      productId: id,
      productName: 'Chair',
      salePrice: 700n,
      regularPrice: 1_000n,
      quantity: 10,
      remaining: 10,
      soldQuantity: 0,
      status: 'ACTIVE',
    });
    expect(resultIn(await on.getTimeSale({ timeSaleId: made.id, principal: undefined }))).toEqual(made);
    expect(await on.units(id)).toEqual({ supplied: 25, stock: 15, reserved: 0, sold: 0 });
    // Nobody has edited the product.
    expect(resultIn(await on.getProduct({ productId: id, principal: undefined })).version).toBe(1);
    expect(codeOf(await on.createTimeSale(timeSaleOf({ productId: id, quantity: 16 })))).toBe('OUT_OF_STOCK');
    expect(codeOf(await on.createTimeSale(timeSaleOf({ productId: id, principal: OTHER })))).toBe('FORBIDDEN');
    expect(codeOf(await on.createTimeSale(timeSaleOf({ productId: id, principal: undefined })))).toBe('FORBIDDEN');
    expect(codeOf(await on.createTimeSale(timeSaleOf({ productId: 1n })))).toBe('PRODUCT_NOT_FOUND');
    expect(codeOf(await on.getTimeSale({ timeSaleId: 1n, principal: ADMIN }))).toBe('TIME_SALE_NOT_FOUND');
  });

  it.each([
    ['salePrice', { salePrice: 0n }],
    ['salePrice', { salePrice: 1_001n }],
    ['quantity', { quantity: 0 }],
    ['quantity', { quantity: 1.5 }],
    ['limitPerUser', { limitPerUser: 0 }],
    ['limitPerUser', { limitPerUser: 1_001 }],
    ['endsAt', { startsAt: new Date(NOW_MS + HOUR_MS) }],
    ['endsAt', { startsAt: new Date(NOW_MS - HOUR_MS), endsAt: new Date(NOW_MS) }],
    ['endsAt', { endsAt: undefined }],
    ['startsAt', { startsAt: undefined }],
  ])('a time sale with a wrong %s is refused: %o', async (field, changes) => {
    const { id } = await on.product();
    const answer = await on.createTimeSale(timeSaleOf({ productId: id, ...changes }));
    expect(codeOf(answer)).toBe('VALIDATION_FAILED');
    expect(fieldsOf(answer)).toContain(field);
    expect(await on.units(id)).toMatchObject({ stock: 100 });
  });

  it('concurrent requests allocate a time sale exactly from the stock', async () => {
    const { id } = await on.product({ stock: 45 });
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => on.createTimeSale(timeSaleOf({ productId: id, quantity: 10 }))),
    );
    expect(answers.map(codeOf).filter((code) => code === undefined).length).toBe(4);
    expect(answers.map(codeOf).filter((code) => code === 'OUT_OF_STOCK').length).toBe(8);
    expect(await on.units(id)).toEqual({ supplied: 45, stock: 5, reserved: 0, sold: 0 });
  });

  it('a time sale of a product that is hidden is visible only to those who may edit it', async () => {
    const { id } = await on.product({ principal: OWNER });
    const { id: timeSaleId } = await on.timeSale({ productId: id });
    await on.updateProduct({ principal: OWNER, productId: id, version: 1, hidden: true });
    expect(resultIn(await on.getTimeSale({ timeSaleId, principal: OWNER })).id).toBe(timeSaleId);
    for (const principal of [OTHER, undefined]) {
      expect(codeOf(await on.getTimeSale({ timeSaleId, principal }))).toBe('TIME_SALE_NOT_FOUND');
      const made = await on.createTimeSale(timeSaleOf({ productId: id, principal }));
      expect(codeOf(made)).toBe(principal ? 'PRODUCT_NOT_FOUND' : 'FORBIDDEN');
    }
    expect((await on.listTimeSales({ page: undefined })).timeSales).toEqual([]);
  });

  it('time sales are listed by their status, which follows the clock', async () => {
    const { id } = await on.product();
    const [now, soon, soldOut] = [
      await on.timeSale({ productId: id }),
      await on.timeSale({ productId: id, startsAt: new Date(NOW_MS + 1) }),
      await on.timeSale({ productId: id, quantity: 1 }),
    ];
    await on.sql('update orders.time_sales set stock = 0, sold = 1 where id = $1', [soldOut.id]);
    const listed = async () =>
      Object.fromEntries(
        await Promise.all(
          ['SCHEDULED', 'ACTIVE', 'SOLD_OUT', 'ENDED'].map(async (status) => {
            const { timeSales } = await on.listTimeSales({ page: undefined, status });
            expect(timeSales.every((shown) => shown.status === status)).toBe(true);
            return [status, timeSales.map((shown) => shown.id)] as const;
          }),
        ),
      );
    expect(await listed()).toEqual({ SCHEDULED: [soon.id], ACTIVE: [now.id], SOLD_OUT: [soldOut.id], ENDED: [] });
    on.moveTo(NOW_MS + 1);
    expect(await listed()).toEqual({ SCHEDULED: [], ACTIVE: [soon.id, now.id], SOLD_OUT: [soldOut.id], ENDED: [] });
    // Over, whether or not the job has said so.
    on.moveTo(NOW_MS + HOUR_MS);
    const ended = { SCHEDULED: [], ACTIVE: [], SOLD_OUT: [], ENDED: [soldOut.id, soon.id, now.id] };
    expect(await listed()).toEqual(ended);
    expect(resultIn(await on.getTimeSale({ timeSaleId: now.id, principal: undefined }))).toMatchObject({
      status: 'ENDED',
      remaining: 0,
    });
    await on.windows.applyDueTransitions(NOW_MS + HOUR_MS, 100);
    expect(await listed()).toEqual(ended);
    const page = await on.listTimeSales({ page: { limit: 2, cursor: '' } });
    const rest = await on.listTimeSales({ page: { limit: 2, cursor: page.nextCursor ?? '' } });
    expect([...page.timeSales, ...rest.timeSales].map((shown) => shown.id)).toEqual(ended.ENDED);
  });
});

describe('due time sales', () => {
  it('a time sale begins and ends to the millisecond, and returns the units that are left', async () => {
    const { id } = await on.product();
    const sale = await on.timeSale({ productId: id, startsAt: new Date(NOW_MS + 5) });
    // Its whole time went by while nothing ran: its beginning is no news any more.
    const short = await on.timeSale({ productId: id, quantity: 3, endsAt: new Date(NOW_MS + 5) });
    expect(await on.windows.nextDueMs()).toBe(NOW_MS);
    expect(await on.windows.applyDueTransitions(NOW_MS - 1, 100)).toBe(0);
    expect(await on.windows.applyDueTransitions(NOW_MS + 5, 100)).toBe(2);
    expect(await on.events()).toEqual([`timesale.started ${sale.id}`, `timesale.ended ${short.id}`]);
    expect(await on.units(id)).toMatchObject({ stock: 90 });
    expect(await on.windows.nextDueMs()).toBe(NOW_MS + HOUR_MS);
    expect(await on.windows.applyDueTransitions(NOW_MS + HOUR_MS - 1, 100)).toBe(0);
    expect(await on.windows.applyDueTransitions(NOW_MS + HOUR_MS, 100)).toBe(1);
    expect(await on.windows.applyDueTransitions(NOW_MS + HOUR_MS, 100)).toBe(0);
    expect(await on.windows.nextDueMs()).toBe(undefined);
    expect((await on.events()).slice(2)).toEqual([`timesale.ended ${sale.id}`]);
    expect(await on.units(id)).toEqual({ supplied: 100, stock: 100, reserved: 0, sold: 0 });
    expect(await on.saleUnits(sale.id)).toEqual({ stock: 0, reserved: 0, sold: 0, returned: 10 });
  });

  it('a time sale keeps its units in unpaid orders and its sold units at its end', async () => {
    const { id } = await on.product();
    const sale = await on.timeSale({ productId: id });
    await on.sql('update orders.time_sales set stock = 5, reserved = 3, sold = 2 where id = $1', [sale.id]);
    await on.sql('update orders.products set sold = 2 where id = $1', [id]);
    await on.windows.applyDueTransitions(NOW_MS + HOUR_MS, 100);
    expect(await on.saleUnits(sale.id)).toEqual({ stock: 0, reserved: 3, sold: 2, returned: 5 });
    expect(await on.units(id)).toEqual({ supplied: 100, stock: 95, reserved: 0, sold: 2 });
    const { rows } = await on.sql('select payload from platform.outbox');
    expect(JSON.parse(rows[0].payload)[0].common).toMatchObject({ soldQuantity: 2, reservedQuantity: 3 });
  });

  it('no unit is lost or doubled by concurrent orders, edits and new sales at the end of a sale', async () => {
    const { id } = await on.product();
    const sale = await on.timeSale({ productId: id, quantity: 40 });
    // As orders do it: the product's lock, then the sale's, then what there is.
    const order = () =>
      on.sql(
        `with p as materialized (select id from orders.products where id = $1 for no key update),
              s as materialized (select id from orders.time_sales where id = $2 and (select true from p) for no key update)
         update orders.time_sales t set stock = stock - 1, reserved = reserved + 1 from s
         where t.id = s.id and t.stock > 0 and t.announced <> 'ENDED'`,
        [id, sale.id],
      );
    await Promise.all([
      ...Array.from({ length: 20 }, order),
      ...Array.from({ length: 4 }, () => on.windows.applyDueTransitions(NOW_MS + HOUR_MS, 100)),
      ...Array.from({ length: 4 }, () => on.createTimeSale(timeSaleOf({ productId: id, quantity: 7 }))),
      on.updateProduct({ principal: ADMIN, productId: id, version: 1, addStock: 11 }),
    ]);
    await on.windows.applyDueTransitions(NOW_MS + HOUR_MS, 100);
    const { stock, reserved, sold, returned } = await on.saleUnits(sale.id);
    expect([stock, sold]).toEqual([0, 0]);
    expect((reserved ?? 0) + (returned ?? 0)).toBe(40);
    const units = await on.units(id);
    expect([units['supplied'], (units['stock'] ?? 0) + (reserved ?? 0)]).toEqual([111, 111]);
    expect((await on.events()).filter((event) => event === `timesale.ended ${sale.id}`).length).toBe(1);
  });

  it('due time sales are processed in batches, each once, on any number of nodes', async () => {
    const { id } = await on.product({ stock: 1_000 });
    await on.timeSale({ productId: id, quantity: 1 });
    await on.sql(
      `insert into orders.time_sales
       select (jsonb_populate_record(t, jsonb_build_object('id', t.id * 1000 + n))).* from orders.time_sales t, generate_series(1, 249) n`,
    );
    for (const [atMs, topic] of [
      [NOW_MS, 'timesale.started'],
      [NOW_MS + HOUR_MS, 'timesale.ended'],
    ] as const) {
      const job = applyTimeSaleTransitions(on.windows, () => atMs, createNotifier());
      expect(await job.run(AbortSignal.abort())).toBe(0);
      const runs = await Promise.all([1, 2, 3].map(() => job.run(new AbortController().signal)));
      const rest = await job.run(new AbortController().signal);
      expect([...runs, rest].reduce((sum, count) => sum + count, 0)).toBe(250);
      expect((await on.events()).filter((event) => event.startsWith(topic)).length).toBe(250);
    }
    // One was created by the store; the test inserted the copies of it.
    expect(await on.units(id)).toMatchObject({ stock: 999 + 250 });
  });
});
