import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../../../test/support/postgres.ts';
import { deleteFromOutbox } from '../../../../../platform/events/outbox-rows.ts';
import { decideOrders } from '../../../domain/decide-orders.ts';
import type { OrderOutcome } from '../../../domain/decision.ts';
import type { OrderInput } from '../../../domain/input.ts';
import { product, timeSale } from '../../../test/catalog.ts';
import { inputFor, orderIn, pay, place, refund, rulesAt, successOf } from '../../../test/commands.ts';
import { insertCatalog, nodeOver } from '../../../test/open-stores.ts';
import { orderAudits } from './audits.ts';
import { orderEventAudit } from './event-audit.ts';

let home: TestDatabase;
let owner: pg.Client;

const items = [
  { productId: 1n, timeSaleId: null, quantity: 3 },
  { productId: 1n, timeSaleId: 5n, quantity: 2 },
];

/**
 * Orders 1 to 6: paid with a coupon and points, paid and given back whole, paid and given back in part, waiting, ended, ended with
 * money that came too late.
 */
async function given(): Promise<void> {
  const orderIds = countingIds();
  const otherIds = countingIds(101n);
  const { database, store } = nodeOver(home.programUrl, countingIds(1_001n));
  await insertCatalog(database, { products: [product(1n, { supplied: 110 }), product(2n)], timeSales: [timeSale(5n)] });
  async function run(command: OrderInput): Promise<OrderOutcome> {
    const rules = rulesAt(command.kind === 'PLACE' ? orderIds : otherIds);
    const { decision } = await store.changeBatch([command], (seen) => decideOrders(seen, [command], rules));
    const [outcome] = decision.outcomes;
    if (!outcome) throw new Error('nothing was decided');
    return outcome;
  }
  async function drive(command: OrderInput): Promise<bigint> {
    let order = orderIn(await run(command));
    for (let change = successOf(order, 1_000n); change; change = successOf(order, 1_000n)) {
      order = orderIn(await run(inputFor(order.id, change)));
    }
    return order.id;
  }
  const paid = async (command: OrderInput) => drive(pay(await drive(command)));
  await paid(place(7n, 'a', { items, couponId: 9n, usePoints: 5_000n }));
  await run(refund(await paid(place(8n, 'a')), 'r'));
  const part = await run(refund(await paid(place(9n, 'a', { items })), 'r', [{ line: 1, quantity: 2 }]));
  const refundId = part.kind === 'order' ? (part.refund?.id ?? 0n) : 0n;
  await run(inputFor(3n, { kind: 'REFUND_STEP', refundId, step: 'MONEY' }));
  await drive(place(7n, 'b', { items: [{ productId: 2n, timeSaleId: null, quantity: 1 }] }));
  await drive(inputFor(await drive(place(7n, 'c')), { kind: 'CANCEL' }));
  const late = await drive(inputFor(await drive(place(7n, 'd')), { kind: 'CANCEL' }));
  await run(inputFor(late, { kind: 'MONEY_IN', payment: { providerRef: 'late' }, amount: 10_000n, source: 'BUS' }));
  await database.close();
}

beforeEach(async () => {
  home = await testDatabase();
  await given();
  owner = new pg.Client({ connectionString: home.url });
  await owner.connect();
  // What the audits look for may not be what a constraint, index or trigger would have kept out.
  await owner.query(`
    alter table orders.order_history disable trigger insert_only;
    alter table orders.refund_lines disable trigger insert_only;
    alter table orders.products drop constraint products_not_negative;
    alter table orders.time_sales drop constraint time_sales_units;
    alter table orders.time_sale_buyers drop constraint time_sale_buyers_not_negative;
    alter table orders.orders drop constraint orders_total;
    alter table orders.order_lines drop constraint order_lines_quantity;
    alter table orders.payments drop constraint payments_amount;
    drop index orders.orders_key, orders.payments_key, orders.refunds_key`);
});
afterEach(async () => {
  await owner.end();
  await home.drop();
});

const NAMES = [
  'UNITS',
  'COUNTED',
  'BUYERS',
  'OPEN',
  'DAILY',
  'KEYS',
  'HISTORY',
  'WAITING',
  'AMOUNTS',
  'PAID',
  'REFUNDED',
];
async function broken(): Promise<string[]> {
  const names: string[] = [];
  for (const [index, audit] of orderAudits.entries()) {
    const { ok, violations } = await audit.run(owner, {});
    if (ok) continue;
    names.push(NAMES[index] ?? audit.name);
    expect(violations.length).toBeGreaterThan(0);
  }
  return names;
}

describe('the audits of orders', () => {
  it('the audits find no violation in correct data, and report how much they checked', async () => {
    expect(await broken()).toEqual([]);
    const figures = [];
    for (const audit of orderAudits) figures.push((await audit.run(owner, {})).figures);
    expect(figures).toEqual([
      { products: 2, timeSales: 1, supplied: 210 },
      { reserved: 1, sold: 8 },
      { buyers: 2, units: 4 },
      { users: 1, most: 1 },
      { days: 1, sold: 8 },
      { keys: 11 },
      { orders: 6, steps: 22 },
      { waiting: 3, overdue: 3 },
      { orders: 6, subtotals: 128_000 },
      { kept: 3, brought: 102_000 },
      { refunds: 3, money: 40_000, points: 0, underWay: 2 },
    ]);
  });

  it('the audit of events counts orders from before the count of events as published', async () => {
    await owner.query('update platform.outbox set tally = null');
    expect((await orderEventAudit.run(owner, {})).ok).toBe(false);
    await owner.query(readFileSync(`${import.meta.dirname}/../migrations/0002_count_events.sql`, 'utf8'));
    expect(await orderEventAudit.run(owner, {})).toMatchObject({ ok: true, figures: { facts: 13, published: 13 } });
  });

  it('the audit of events compares the events with the orders, both queued and published', async () => {
    const queued = await orderEventAudit.run(owner, {});
    // Six were reserved, three paid, two of them refunded, two cancelled.
    expect(queued).toEqual({ ok: true, figures: { facts: 13, published: 0, queued: 13 }, violations: [] });
    const ids = (await owner.query('select id::text from platform.outbox')).rows.map(({ id }) => id);
    await deleteFromOutbox(owner, ids);
    const published = await orderEventAudit.run(owner, {});
    expect(published).toEqual({ ok: true, figures: { facts: 13, published: 13, queued: 0 }, violations: [] });
  });

  it.each([
    [
      'an event that was never written',
      "delete from platform.outbox where topics @> '{order.paid}' and id = (select min(id) from platform.outbox where topics @> '{order.paid}')",
    ],
    ['an event of no order', "insert into platform.published_events values ('order.expired', 'all', 1)"],
    ['an order that ended otherwise', "update orders.orders set status = 'EXPIRED' where id = 5"],
  ])('the audits find %s', async (_, corruption) => {
    await owner.query(corruption);
    const { ok, violations } = await orderEventAudit.run(owner, {});
    expect(ok).toBe(false);
    expect(violations[0]).toMatch(/^order\.\w+: \d+ facts, but \d+ events published and \d+ queued$/);
  });

  it('the audits check nothing when they are restricted to a coupon policy', async () => {
    await owner.query('update orders.products set stock = stock + 1');
    for (const audit of orderAudits) {
      expect(await audit.run(owner, { policyId: 1n })).toEqual({ ok: true, figures: { orders: 0 }, violations: [] });
    }
  });

  it.each([
    ['a unit from nowhere', 'update orders.products set stock = stock + 1 where id = 2', ['UNITS']],
    ['a time sale with too many', 'update orders.time_sales set stock = stock + 1', ['UNITS']],
    ['units below 0', 'update orders.products set stock = -1, supplied = reserved + sold - 1 where id = 2', ['UNITS']],
    ['a time sale of no product', 'update orders.time_sales set product_id = 3', ['UNITS', 'COUNTED']],
    [
      'a unit that no order reserved',
      'update orders.products set reserved = reserved + 1, stock = stock - 1 where id = 2',
      ['COUNTED'],
    ],
    [
      'a unit that no order bought',
      'update orders.time_sales set sold = sold + 1, stock = stock - 1; update orders.products set sold = sold + 1 where id = 1',
      ['COUNTED'],
    ],
    [
      'a unit that was sold and is still free',
      'update orders.products set sold = sold - 1, stock = stock + 1 where id = 1',
      ['COUNTED'],
    ],
    ['a buyer with less', 'update orders.time_sale_buyers set quantity = 1 where user_id = 7', ['BUYERS']],
    ['a buyer that is gone', 'delete from orders.time_sale_buyers where user_id = 9', ['BUYERS']],
    ['a buyer from nowhere', 'insert into orders.time_sale_buyers values (5, 77, 1)', ['BUYERS']],
    ['more than the limit', 'update orders.time_sales set limit_highest = 1', ['BUYERS']],
    [
      'more open orders than a user may have',
      `insert into orders.orders (id, user_id, key, content_hash, status, use_points, subtotal, coupon_discount, points_used, created_at,
         expires_at, resume_at)
       select 900 + n, 7, n::text, '', 'RESERVED', 0, 1, 0, 0, now(), now(), now() from generate_series(1, 20) as n;
       insert into orders.order_lines (order_id, line, product_id, product_name, quantity, unit_price)
       select 900 + n, 1, 2, '', 1, 1 from generate_series(1, 20) as n;
       insert into orders.order_history select 900 + n, 1, 'RESERVED', 1, 'PLACE', 1, now() from generate_series(1, 20) as n;
       update orders.products set reserved = reserved + 20, stock = stock - 20 where id = 2`,
      ['OPEN'],
    ],
    ['a day that counts more', 'update orders.product_daily_sales set quantity = quantity + 1', ['DAILY']],
    ['a day that is missing', 'delete from orders.product_daily_sales', ['DAILY']],
    [
      'a payment of another day',
      "update orders.orders set paid_at = paid_at + interval '1 day' where id = 1",
      ['DAILY'],
    ],
    ['two orders with a key', "update orders.orders set key = 'b' where id = 5", ['KEYS']],
    [
      'two payments with a key',
      `insert into orders.payments select 900, order_id, user_id, method, amount, 'FAILED', null, null, key, content_hash, null, null,
         created_at, settled_at from orders.payments where order_id = 1`,
      ['KEYS'],
    ],
    [
      'two refunds with a key',
      `insert into orders.refunds select 900, order_id, payment_id, key, content_hash, 0, 0, false, null, reason, by, created_at, null,
         0 from orders.refunds where order_id = 2`,
      ['KEYS'],
    ],
    [
      'a step without a row of history',
      'delete from orders.order_history where order_id = 1 and version = 2',
      ['HISTORY'],
    ],
    ['a version without a step', 'update orders.orders set version = version + 1 where id = 4', ['HISTORY']],
    [
      'a history that ends otherwise',
      "update orders.order_history set status = 'EXPIRED' where order_id = 5 and version = 2",
      ['HISTORY'],
    ],
    ['a history of no order', 'update orders.order_history set order_id = 77 where order_id = 4', ['HISTORY']],
    ['a state that cannot be', "update orders.orders set step = 'HOLD_POINTS' where id = 4", ['HISTORY']],
    ['an order without a time to resume', 'update orders.orders set resume_at = null where id = 4', ['HISTORY']],
    [
      'an end without a reason',
      "update orders.orders set ending = 'FAILED', status = 'FAILED' where id = 5",
      ['HISTORY'],
    ],
    ['a subtotal of another sum', 'update orders.orders set subtotal = subtotal + 1 where id = 4', ['AMOUNTS']],
    [
      'a share of another sum',
      'update orders.order_lines set coupon_discount = coupon_discount + 1 where order_id = 4',
      ['AMOUNTS'],
    ],
    [
      'a share above its line',
      'update orders.order_lines set coupon_discount = 10001 where order_id = 5; update orders.orders set coupon_discount = 10001, coupon_id = 1 where id = 5',
      ['AMOUNTS'],
    ],
    ['a discount without a coupon', 'update orders.orders set coupon_id = null where id = 1', ['AMOUNTS']],
    ['more points than were offered', 'update orders.orders set use_points = 4999 where id = 1', ['AMOUNTS']],
    ['an order without lines', 'delete from orders.order_lines where order_id = 5', ['AMOUNTS']],
    ['lines of no order', 'update orders.order_lines set order_id = 77 where order_id = 5', ['AMOUNTS']],
    ['a line that is missing', 'update orders.order_lines set line = 2 where order_id = 5', ['AMOUNTS']],
    ['a payment of too little', 'update orders.payments set amount = amount - 1 where order_id = 1', ['PAID']],
    ['a failed payment of a paid order', "update orders.payments set status = 'FAILED' where order_id = 1", ['PAID']],
    ['a payment of another order', 'update orders.orders set payment_id = 101 where id = 3', ['PAID']],
    ['a paid order without a payment', 'update orders.orders set payment_id = null where id = 1', ['PAID']],
    ['a payment that is neither kept nor refunded', 'delete from orders.refunds where order_id = 6', ['PAID']],
    [
      'a payment of an unknown order',
      `insert into orders.payments values (900, 77, 7, 'EXTERNAL', 1, 'PENDING', null, null, null, null, null, null, now(), null)`,
      ['PAID'],
    ],
    [
      'two payments with one name',
      `insert into orders.payments
         select 900, order_id, user_id, method, amount, 'FAILED', '77', null, null, null, null, null, created_at, settled_at
         from orders.payments where order_id = 1;
       update orders.payments set reported_id = 77 where order_id = 1 and id <> 900`,
      ['PAID'],
    ],
    [
      'more given back than was due',
      'update orders.refund_lines set money = money + 1 where refund_id in (select id from orders.refunds where order_id = 3)',
      ['REFUNDED'],
    ],
    [
      'units given back that the line does not know',
      'update orders.order_lines set refunded_quantity = 1 where order_id = 3 and line = 1',
      ['COUNTED', 'DAILY', 'REFUNDED'],
    ],
    [
      'units given back without a refund',
      'delete from orders.refund_lines where refund_id in (select id from orders.refunds where order_id = 3)',
      ['REFUNDED'],
    ],
    ['an order that says otherwise', 'update orders.orders set refunded_amount = 0 where id = 3', ['REFUNDED']],
    ['an order with nothing left', "update orders.orders set status = 'PAID' where id = 2", ['HISTORY', 'REFUNDED']],
    [
      'a payment that is not given back',
      "update orders.payments set status = 'REFUNDED' where order_id = 3",
      ['REFUNDED'],
    ],
    [
      'more given back than came in',
      'update orders.refunds set money = money + 1 where order_id = 6',
      ['PAID', 'REFUNDED'],
    ],
    [
      'a refund without a time to resume',
      'update orders.refunds set resume_at = null where order_id = 2',
      ['REFUNDED'],
    ],
  ])('the audits find %s', async (_, corruption, expected) => {
    await owner.query(corruption);
    expect(await broken()).toEqual(expected);
  });

  it('the audits find work that is overdue while a server could do it', async () => {
    await owner.query(`update platform.node_leases set holder = gen_random_uuid(), taken_at = now(),
      expires_at = now() + interval '1 minute' where node = 0`);
    expect(await broken()).toEqual([]);
    await owner.query(`update platform.node_leases set taken_at = now() - interval '3 minutes' where node = 0`);
    expect(await broken()).toEqual(['WAITING']);
    await owner.query(`update orders.orders set resume_at = now() - interval '1 minute', expires_at = now() - interval '1 minute'
        where resume_at is not null;
      update orders.refunds set resume_at = now() - interval '1 minute' where resume_at is not null`);
    expect(await broken()).toEqual([]);
    await owner.query(`update orders.refunds set resume_at = now() - interval '3 minutes' where resume_at is not null`);
    expect(await broken()).toEqual(['WAITING']);
    await owner.query(`update orders.refunds set resume_at = now() where resume_at is not null;
      update orders.orders set resume_at = now() + interval '1 year', expires_at = now() - interval '3 minutes' where id = 4`);
    expect(await broken()).toEqual(['WAITING']);
  });
});
