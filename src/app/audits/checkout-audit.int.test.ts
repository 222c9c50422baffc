import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import type { Databases } from '../databases.ts';
import { PARTS, type Part } from '../parts.ts';
import { AUDITS } from './audit-list.ts';
import { runAudits } from './run-audits.ts';

/** The parts of each database, and the schemas whose rows it has. */
const SHAPES = {
  'in one database': [{ parts: PARTS, schemas: ['orders', 'coupon', 'point'] }],
  'across three databases': [
    { parts: PARTS.filter((part) => part !== 'coupon' && part !== 'point'), schemas: ['orders'] },
    { parts: ['coupon'], schemas: ['coupon'] },
    { parts: ['point'], schemas: ['point'] },
  ],
} as const;
const CLEARED = {
  orders: 'delete from orders.orders; delete from orders.payments; delete from orders.refunds',
  coupon: 'delete from coupon.coupon_issues; delete from coupon.coupon_reservations',
  point: 'delete from point.holds',
} as const;

const CHECKOUT = AUDITS.filter(({ kind }) => kind === 'COMPARISON');
const databasesOf = (shape: keyof typeof SHAPES): number => SHAPES[shape].length;

describe.each(Object.keys(SHAPES) as (keyof typeof SHAPES)[])('the audits of checkouts %s', (shape) => {
  interface Opened {
    readonly test: TestDatabase;
    readonly client: pg.Client;
    readonly foreign: string;
    readonly parts: readonly Part[];
  }
  let databases: Opened[] = [];
  beforeAll(async () => {
    databases = await Promise.all(
      SHAPES[shape].map(async ({ parts, schemas }): Promise<Opened> => {
        const test = await testDatabase();
        const client = new pg.Client({ connectionString: test.url });
        await client.connect();
        // The violations must not be prevented by a constraint.
        await client.query(`
      alter table point.holds drop constraint holds_refunded;
      alter table coupon.coupon_reservations drop constraint coupon_reservations_discount;
      drop index coupon.coupon_reservations_holding, coupon.coupon_reservations_order`);
        const foreign = (['orders', 'coupon', 'point'] as const).filter((name) => !schemas.some((own) => own === name));
        return {
          test,
          client,
          foreign: foreign.map((name) => CLEARED[name]).join(';'),
          parts,
        };
      }),
    );
  });
  afterAll(async () => {
    for (const { client, test } of databases) {
      await client.end();
      await test.drop();
    }
  });

  const urls = (): Databases =>
    Object.fromEntries(
      databases.flatMap(({ test, parts }) => parts.map((part) => [part, test.url])),
    ) as unknown as Databases;

  /** Runs a statement in each database, and deletes what it does to the tables of contexts that have theirs elsewhere. */
  async function execute(text: string, values?: unknown[]): Promise<void> {
    for (const { client, foreign } of databases) {
      await client.query(text, values);
      if (foreign !== '') await client.query(foreign);
    }
  }

  /**
   * Orders by their id: status, step and ending, and what the other contexts have for each. Each has a coupon of 1,000 and uses 500 points.
   */
  const ORDERS = {
    1: { state: ['PAID', null, null], reservation: 'CONFIRMED', hold: 'CAPTURED' },
    2: { state: ['REFUNDED', null, null], reservation: 'CANCELLED', hold: 'CAPTURED' },
    3: { state: ['RESERVED', null, null], reservation: 'PENDING', hold: 'HELD' },
    4: { state: ['RESERVED', 'CAPTURE_POINTS', null], reservation: 'CONFIRMED', hold: 'HELD' },
    5: { state: ['PENDING', 'HOLD_POINTS', null], reservation: 'PENDING', hold: 'HELD' },
    6: { state: ['RESERVED', 'RELEASE_POINTS', 'CANCELLED'], reservation: 'PENDING', hold: 'HELD' },
    7: { state: ['CANCELLED', null, 'CANCELLED'], reservation: 'CANCELLED', hold: 'RELEASED' },
    8: { state: ['EXPIRED', null, 'EXPIRED'], reservation: 'EXPIRED', hold: 'RELEASED' },
  } as const;

  beforeEach(async () => {
    await execute(`${Object.values(CLEARED).join(';')}; delete from coupon.coupon_history`);
    for (const [id, { state, reservation, hold }] of Object.entries(ORDERS)) {
      const [status, step, ending] = state;
      const ended = status === 'CANCELLED' || status === 'EXPIRED';
      await execute(
        `insert into orders.orders (id, user_id, key, content_hash, status, step, ending, coupon_id, use_points, subtotal,
         coupon_discount, points_used, payment_id, created_at, expires_at, ended_at)
       values ($1::bigint, 100 + $1, 'k', 'h', $2, $3, $4, 50 + $1, 500, 10000, 1000, 500, 900 + $1, '2026-01-15', '2026-01-15',
         case when $5 then '2026-01-15 01:00Z'::timestamptz end)`,
        [id, status, step, ending, ended],
      );
      await execute(
        `insert into coupon.coupon_reservations
       values ('CHECKOUT:' || 100 + $1::bigint || ':order:' || $1, 50 + $1::bigint, 100 + $1::bigint, $1, 10000, 1000, $2, '2026-01-15', '2026-01-15', null, false)`,
        [id, reservation],
      );
      await execute(`insert into point.holds values (100 + $1::bigint, $1, 500, 1, $2, 0)`, [id, hold]);
    }
    await execute(`
    insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
      select 50 + n, case when n < 3 then 7 else 8 end, 100 + n, n, 0, now(), now() from generate_series(1, 8) as n;
    insert into coupon.coupon_history (coupon_id, version, policy_id, kind, order_id, group_id, at)
      values (52, 2, 7, 'RESTORED', '2', 1, now());
    insert into orders.payments values
      (901, 1, 101, 'POINTS', 8500, 'COMPLETED', null, null, 'k', 'h', null, null, now(), now()),
      (902, 2, 102, 'POINTS', 8500, 'REFUNDED', null, null, 'k', 'h', null, null, now(), now()),
      (903, 3, 103, 'POINTS', 8500, 'FAILED', null, null, 'k', 'h', null, null, now(), now()),
      (904, 4, 104, 'EXTERNAL', 8500, 'COMPLETED', null, null, 'k', 'h', null, null, now(), now());
    insert into point.holds values
      (101, '1:pay:901', 8500, 1, 'CAPTURED', 0), (102, '2:pay:902', 8500, 1, 'CAPTURED', 8500),
      (103, '3:pay:903', 0, null, 'RELEASED', 0), (999, 'of another system', 77, 1, 'HELD', 0);
    insert into orders.refunds values
      (800, 2, 902, 'k', 'h', 8500, 500, true, 'POINTS', 'r', 'ADMIN:1', now(), now(), 0)`);
  });

  async function audit(policyId?: bigint, onWait?: () => Promise<void>) {
    const scope = policyId === undefined ? {} : { policyId };
    const report = await runAudits(urls(), scope, {
      settleMs: 10,
      pageKeys: 3,
      audits: CHECKOUT,
      ...(onWait === undefined ? {} : { onWait }),
    });
    expect(report.databases).toBe(databases.length);
    return report.audits;
  }
  async function violations(policyId?: bigint): Promise<string[]> {
    const lines = await audit(policyId);
    for (const { ok, figures, violations: found } of lines) {
      expect([ok, figures['broken'] ?? 0]).toEqual([found.length === 0, found.length]);
    }
    return lines.flatMap((line) => line.violations);
  }

  it('the checkout audits find no violation when all contexts agree, and report their figures', async () => {
    expect(await violations()).toEqual([]);
    expect((await audit()).map(({ figures }) => figures)).toEqual([
      { orders: 8, used: 3 },
      { uses: 11, points: 8 * 500 + 2 * 8_500 },
    ]);
  });

  it.each([
    [
      'a coupon that is still reserved before it is confirmed',
      "update coupon.coupon_reservations set status = 'EXPIRED' where id = 'CHECKOUT:103:order:3'",
    ],
    [
      'a coupon that is used before the order knows',
      "update coupon.coupon_reservations set status = 'CONFIRMED' where id = 'CHECKOUT:103:order:3'",
    ],
    [
      'a reservation that came when the order had ended',
      "update coupon.coupon_reservations set status = 'PENDING', reserved_at = '2026-01-15 02:00Z' where id = 'CHECKOUT:108:order:8'",
    ],
    [
      'an order that ended before there was a reservation',
      "delete from coupon.coupon_reservations where id = 'CHECKOUT:107:order:7'",
    ],
    [
      'points that are captured before the order knows',
      "update point.holds set state = 'CAPTURED' where order_id = '4'",
    ],
    ['points that are not held yet', "delete from point.holds where order_id = '5'"],
    [
      'points that are released before the order knows',
      "update point.holds set state = 'RELEASED' where order_id = '6'",
    ],
    ['points that went back before the refund knows', "update point.holds set refunded = 500 where order_id = '2'"],
    [
      'a payment that is under way',
      "update orders.payments set status = 'PENDING' where id = 903; update point.holds set state = 'HELD', amount = 8500 where order_id = '3:pay:903'",
    ],
  ])('the checkout audits accept %s', async (_, change) => {
    await execute(change);
    expect(await violations()).toEqual([]);
  });

  it.each([
    [
      'a paid order without its coupon',
      "update coupon.coupon_reservations set status = 'CANCELLED' where id = 'CHECKOUT:101:order:1'",
      'order 1 is PAID, and the reservation of its coupon 51 is CANCELLED',
    ],
    [
      'a paid order whose coupon was never reserved',
      "delete from coupon.coupon_reservations where id = 'CHECKOUT:101:order:1'",
      'order 1 of user 101 takes 1000 off by coupon 51, its reservation nothing by coupon none of user none',
    ],
    [
      'a coupon that came back without a refund of it',
      'delete from coupon.coupon_history',
      'order 2 is REFUNDED, and the reservation of its coupon 52 is CANCELLED',
    ],
    [
      'another discount',
      "update coupon.coupon_reservations set discount_amount = 999 where id = 'CHECKOUT:103:order:3'",
      'order 3 of user 103 takes 1000 off by coupon 53, its reservation 999 by coupon 53 of user 103',
    ],
    [
      'another coupon',
      "update coupon.coupon_reservations set coupon_id = 1 where id = 'CHECKOUT:105:order:5'",
      'order 5 of user 105 takes 1000 off by coupon 55, its reservation 1000 by coupon 1 of user 105',
    ],
    [
      'another user’s coupon',
      "update coupon.coupon_reservations set user_id = 1 where id = 'CHECKOUT:105:order:5'",
      'order 5 of user 105 takes 1000 off by coupon 55, its reservation 1000 by coupon 55 of user 1',
    ],
    [
      'a coupon that an order on its way has not used',
      "update coupon.coupon_reservations set status = 'PENDING' where id = 'CHECKOUT:104:order:4'",
      'order 4 is RESERVED, and the reservation of its coupon 54 is PENDING',
    ],
    [
      'a coupon that an ended order still holds',
      "update coupon.coupon_reservations set status = 'PENDING' where id = 'CHECKOUT:108:order:8'",
      'order 8 is EXPIRED, and the reservation of its coupon 58 is still PENDING',
    ],
    [
      'a coupon that an ended order has used',
      "update coupon.coupon_reservations set status = 'CONFIRMED', reserved_at = '2026-01-16' where id = 'CHECKOUT:107:order:7'",
      'order 7 is CANCELLED, and the reservation of its coupon 57 is still CONFIRMED',
    ],
    [
      'a paid order with points that are only held',
      "update point.holds set state = 'HELD' where order_id = '1'",
      '500 points of user 101 for order 1 are HELD, and should be 500 CAPTURED',
    ],
    [
      'a paid order without its points',
      "delete from point.holds where order_id = '1'",
      '0 points of user 101 for order 1 are NONE, and should be 500 CAPTURED',
    ],
    [
      'other points',
      "update point.holds set amount = 499 where order_id = '3'",
      '499 points of user 103 for order 3 are HELD, and should be 500 HELD',
    ],
    [
      'points that a waiting order does not hold',
      "update point.holds set state = 'RELEASED' where order_id = '3'",
      '500 points of user 103 for order 3 are RELEASED, and should be 500 HELD',
    ],
    [
      'points that an ended order holds',
      "update point.holds set state = 'HELD' where order_id = '8'",
      '500 points of user 108 for order 8 are HELD, and should be 500 RELEASED',
    ],
    [
      'points that an ended order took',
      "update point.holds set state = 'CAPTURED' where order_id = '7'",
      '500 points of user 107 for order 7 are CAPTURED, and should be 500 RELEASED',
    ],
    [
      'points for an order that uses none',
      'update orders.orders set points_used = 0, use_points = 0 where id = 3',
      '500 points of user 103 are HELD for order 3, which uses none',
    ],
    [
      'more points given back than refunded',
      "update point.holds set refunded = 501 where order_id = '2'",
      'of 500 points of user 102 for order 2 501 went back, its refunds say 0 of 500',
    ],
    [
      'points that a refund says went back',
      'update orders.refunds set step = null',
      'of 500 points of user 102 for order 2 0 went back, its refunds say 500 of 500',
    ],
    [
      'points that a payment did not take',
      "delete from point.holds where order_id = '1:pay:901'",
      '0 points of user 101 for order 1:pay:901 are NONE, and should be 8500 CAPTURED',
    ],
    [
      'points that a failed payment took',
      "update point.holds set state = 'HELD', amount = 8500 where order_id = '3:pay:903'",
      '8500 points of user 103 for order 3:pay:903 are HELD, and should be 8500 NONE or RELEASED',
    ],
    [
      'a payment of which less went back',
      "update point.holds set refunded = 8000 where order_id = '2:pay:902'",
      'of 8500 points of user 102 for order 2:pay:902 8000 went back, its refunds say 8500 of 8500',
    ],
    [
      'a reservation for an order that does not exist',
      "insert into coupon.coupon_reservations values ('CHECKOUT:777:order:70', 51, 777, 70, 10000, 1000, 'PENDING', '2026-01-15', '2026-01-15', null, false)",
      'coupon 51 of user 777 is PENDING for order 70, which does not exist',
    ],
    [
      'a reservation for an order without a coupon',
      'update orders.orders set coupon_id = null, coupon_discount = 0 where id = 3',
      'coupon 53 of user 103 is PENDING for order 3, which uses none',
    ],
    [
      'points for an order that does not exist',
      "insert into point.holds values (101, '70', 500, 1, 'HELD', 0)",
      '500 points of user 101 are HELD for order 70, which does not exist',
    ],
    [
      'points that are held for the order of another user',
      "insert into point.holds values (101, '3', 500, 1, 'HELD', 0)",
      '500 points of user 101 are HELD for order 3, which does not exist',
    ],
    [
      'a coupon that is reserved for the order of another user',
      "insert into coupon.coupon_reservations values ('CHECKOUT:777:order:3', 51, 777, 3, 10000, 1000, 'PENDING', '2026-01-15', '2026-01-15', null, false)",
      'coupon 51 of user 777 is PENDING for order 3, which does not exist',
    ],
    [
      'points for a payment that does not exist',
      "insert into point.holds values (101, '1:pay:70', 500, 1, 'CAPTURED', 0)",
      '500 points of user 101 are CAPTURED for order 1:pay:70, which does not exist',
    ],
  ])('the checkout audits find %s', async (_, change, violation) => {
    await execute(change);
    expect(await violations()).toEqual([violation]);
  });

  it('the checkout audits accept what ended for an order that does not exist, and names that are not of orders', async () => {
    await execute(`insert into coupon.coupon_reservations values
      ('CHECKOUT:777:order:70', 51, 777, 70, 10000, 1000, 'EXPIRED', '2026-01-15', '2026-01-15', null, false),
      ('SERVICE:777:1:cart', 51, 777, 71, 10000, 1000, 'CONFIRMED', '2026-01-15', '2026-01-15', null, false)`);
    await execute(
      `insert into point.holds values (101, '70', 500, 1, 'RELEASED', 0), (101, '9999999999999999999', 1, 1, 'HELD', 0)`,
    );
    expect(await violations()).toEqual([]);
  });

  it('the checkout audits find the points of each of two users who name theirs alike', async () => {
    await execute("insert into point.holds values (101, '70', 500, 1, 'HELD', 0), (102, '70', 400, 1, 'HELD', 0)");
    expect(await violations()).toEqual([
      '500 points of user 101 are HELD for order 70, which does not exist',
      '400 points of user 102 are HELD for order 70, which does not exist',
    ]);
  });

  const RELEASED = "update point.holds set state = 'RELEASED' where order_id = '3'";
  const CANCELLED = "update coupon.coupon_reservations set status = 'CANCELLED' where id = 'CHECKOUT:101:order:1'";
  it.runIf(databasesOf(shape) > 1)(
    'a difference between databases that is healed before the second look is not reported',
    async () => {
      await execute(RELEASED);
      await execute(CANCELLED);
      const lines = await audit(undefined, async () => {
        await execute("update point.holds set state = 'HELD' where order_id = '3'");
        await execute("update coupon.coupon_reservations set status = 'CONFIRMED' where id = 'CHECKOUT:101:order:1'");
      });
      expect(lines.map(({ ok, violations: found, figures }) => [ok, found, figures['changing']])).toEqual([
        [true, [], undefined],
        [true, [], undefined],
      ]);
    },
  );

  it.runIf(databasesOf(shape) > 1)(
    'a difference between databases counts only while neither side has changed',
    async () => {
      await execute(RELEASED);
      await execute(CANCELLED);
      const lines = await audit(undefined, async () => {
        await execute('update orders.orders set version = version + 1 where id = 3');
        await execute("update coupon.coupon_reservations set expires_at = now() where id = 'CHECKOUT:101:order:1'");
      });
      expect(lines.map(({ ok, figures }) => [ok, figures['changing']])).toEqual([
        [true, 1],
        [true, 1],
      ]);
      expect((await violations()).length).toBe(2);
    },
  );

  const ORDER_CHANGES = 'update orders.orders set version = version + 1';
  const NO_ORDER = "insert into point.holds values (101, '70', 500, 1, 'HELD', 0)";
  const NO_POINTS = 'update orders.orders set points_used = 0, use_points = 0 where id = 3';
  const NO_COUPON = 'update orders.orders set coupon_id = null, coupon_discount = 0 where id = 3';
  it.runIf(databasesOf(shape) > 1).each([
    ['the points of an order, whose hold', RELEASED, "update point.holds set amount = 499 where order_id = '3'"],
    ['the coupon of an order, which', CANCELLED, ORDER_CHANGES],
    ['held points without an order, whose hold', NO_ORDER, "update point.holds set amount = 499 where order_id = '70'"],
    ['held points of an order without points, which', NO_POINTS, ORDER_CHANGES],
    [
      'a reservation of an order without a coupon, whose reservation',
      NO_COUPON,
      "update coupon.coupon_reservations set status = 'CONFIRMED' where id = 'CHECKOUT:103:order:3'",
    ],
    ['a reserved coupon of an order without one, which', NO_COUPON, ORDER_CHANGES],
  ])(
    'a difference between databases in %s changes between the looks, counts as changing',
    async (_, before, meanwhile) => {
      await execute(before);
      const lines = await audit(undefined, () => execute(meanwhile));
      expect(lines.map(({ violations: found }) => found)).toEqual([[], []]);
      expect(lines.map(({ figures }) => Number(figures['changing'] ?? 0)).reduce((sum, each) => sum + each)).toBe(1);
      expect(await violations()).toHaveLength(1);
    },
  );

  it.runIf(databasesOf(shape) > 1)(
    'an order whose sides change between the looks at them is no violation',
    async () => {
      // As a checkout does it: the other context first, then the order. Each look at an order reads it before the others.
      await execute(
        "update coupon.coupon_reservations set status = 'CANCELLED', ended_at = now() where id = 'CHECKOUT:103:order:3'",
      );
      await execute("update point.holds set state = 'RELEASED' where order_id = '3'");
      const lines = await audit(undefined, () =>
        execute(
          "update orders.orders set status = 'CANCELLED', ending = 'CANCELLED', ended_at = now(), version = 3 where id = 3",
        ),
      );
      expect(lines.map(({ ok, violations: found }) => [ok, found])).toEqual([
        [true, []],
        [true, []],
      ]);
    },
  );

  it('the checkout audits of one policy check only the orders with its coupons', async () => {
    await execute(`update coupon.coupon_reservations set status = 'PENDING';
      update point.holds set state = 'HELD'`);
    expect(await violations(7n)).toEqual([
      'order 1 is PAID, and the reservation of its coupon 51 is PENDING',
      'order 2 is REFUNDED, and the reservation of its coupon 52 is PENDING',
    ]);
    expect(await violations(9n)).toEqual([]);
  });
});
