import pg from 'pg';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../../../test/support/postgres.ts';
import { NO_STORES } from '../../../../../../test/support/stores.ts';
import type { AuditResult } from '../../../../../platform/context.ts';
import { inProcessBus } from '../../../../../platform/events/bus-in-process.ts';
import { postgresDeadLetters } from '../../../../../platform/events/dead-letters.ts';
import { snowflake } from '../../../../../platform/kernel/ids.ts';
import { openDatabase } from '../../../../../platform/postgres/database.ts';
import type { Coupon, CouponService } from '../../../api.ts';
import { createCoupon } from '../../../module.ts';
import { lifecycleAudits } from './lifecycle-audits.ts';

let test_: TestDatabase;
let client: pg.Client;
/** One coupon in each state. */
let coupons: Record<'issued' | 'reserved' | 'paid' | 'used' | 'released' | 'cancelled' | 'restored', Coupon>;

beforeEach(async () => {
  test_ = await testDatabase();
  client = new pg.Client({ connectionString: test_.url });
  client.on('error', () => {});
  await client.connect();
  coupons = await live();
});
afterEach(async () => {
  await client.end();
  await test_.drop();
});

/** Issues, reserves, pays, uses, releases, withdraws and restores coupons with the real store. */
async function live(): Promise<typeof coupons> {
  const log = pino({ level: 'silent' });
  const metrics = new Registry();
  const database = openDatabase({ url: test_.url, onError: () => {} });
  const bus = inProcessBus({ deadLetters: postgresDeadLetters(database.pool), metrics, log });
  const nextId = snowflake(() => 1, Date.now);
  const module = createCoupon(
    { database, bus, clock: Date.now, nextId, metrics, log },
    { store: NO_STORES },
    { rateLimit: false },
  );
  const { api } = module;
  const issue = await issuer(api);
  const made = {
    issued: await issue(101n),
    reserved: await issue(102n),
    paid: await issue(103n),
    used: await issue(104n),
    released: await issue(105n),
    cancelled: await issue(106n),
    restored: await issue(107n),
  };
  const named = (name: 'reserved' | 'paid' | 'released' | 'restored') => ({
    origin: 'CUSTOMER',
    userId: made[name].userId,
    reservationId: name,
  });
  for (const name of ['reserved', 'paid', 'released', 'restored'] as const) {
    const { id } = made[name];
    const request = { ...named(name), couponId: id, orderAmount: 5_000n, orderId: `order-${name}`, lines: [] };
    succeeded(await api.reserveCoupon(request));
  }
  succeeded(await api.extendReservation(named('reserved')));
  succeeded(await api.confirmReservation(named('paid')));
  succeeded(await api.releaseReservation(named('released')));
  succeeded(await api.confirmReservation(named('restored')));
  succeeded(await api.restoreCoupon({ couponId: made.restored.id, orderId: 'order-restored', unpaid: false }));
  succeeded(await api.useCoupon({ couponId: made.used.id, userId: 104n, orderId: 'at the till', lines: [] }));
  const principal = { userId: 1n, role: 'ADMIN' };
  const cancel = { principal, couponId: made.cancelled.id, reason: '', returnStock: true, orderCancelled: false };
  succeeded(await api.cancelCoupon(cancel));
  await module.stop();
  await bus.stop();
  await database.close();
  return made;
}

function succeeded(answer: { outcome?: { $case: string } | undefined }): void {
  if (answer.outcome?.$case === 'refusal') throw new Error(JSON.stringify(answer.outcome));
}

async function issuer(api: CouponService): Promise<(userId: bigint) => Promise<Coupon>> {
  const now = Date.now();
  const { outcome } = await api.createPolicy({
    principal: { userId: 1n, role: 'ADMIN' },
    terms: {
      name: 'Opening',
      description: '',
      discountType: 'FIXED_AMOUNT',
      discountValue: 1_000n,
      minimumOrderAmount: 0n,
      distributionType: 'FIRST_COME',
      maxIssueCount: 50,
      maxIssuePerUser: 1,
      validDays: 7,
      validFrom: new Date(now - 1_000),
      validUntil: new Date(now + 3_600_000),
      expireAt: undefined,
      timezone: 'Asia/Seoul',
      restoreOnRefund: true,
    },
  });
  if (outcome?.$case !== 'policy') throw new Error(JSON.stringify(outcome));
  const policyId = outcome.value.id;
  return async (userId) => {
    const issued = await api.issueCoupon({ policyId, userId });
    if (issued.outcome?.$case !== 'coupon') throw new Error(JSON.stringify(issued.outcome));
    return issued.outcome.value;
  };
}

async function audit(policyId?: bigint): Promise<AuditResult[]> {
  await client.query('begin isolation level repeatable read read only');
  const results: AuditResult[] = [];
  for (const { run } of lifecycleAudits) results.push(await run(client, policyId === undefined ? {} : { policyId }));
  await client.query('commit');
  return results;
}

test('coupons in every state pass, with figures of what was checked', async () => {
  const results = await audit();
  expect(results.flatMap(({ violations }) => violations)).toEqual([]);
  expect(results.map(({ figures }) => figures)).toEqual([
    { pending: 1, confirmed: 1 },
    { overdue: 0 },
    { reservations: 4, frozen: 4_000 },
    { coupons: 6, steps: 11 },
    { coupons: 7, cancelled: 1, returned: 1 },
    { redeemed: 0 },
  ]);
});

/** A node has had a valid lease for this many minutes. */
const nodeRunsFor = (minutes: number) =>
  client.query(
    `update platform.node_leases set holder = gen_random_uuid(), expires_at = now() + interval '1 minute',
       taken_at = now() - make_interval(mins => $1) where node = 0`,
    [minutes],
  );
const reservationIsLateBy = (seconds: number) =>
  client.query(
    `update coupon.coupon_reservations set expires_at = now() - make_interval(secs => $1) where status = 'PENDING'`,
    [seconds],
  );
const OVERDUE = 1;

test('a reservation that is late is counted, and no violation while no server runs or one has just started', async () => {
  await reservationIsLateBy(3_600);
  expect((await audit())[OVERDUE]).toMatchObject({ ok: true, figures: { overdue: 1 } });
  await nodeRunsFor(1);
  expect((await audit())[OVERDUE]).toMatchObject({ ok: true, figures: { overdue: 1 } });
});

test('a reservation that is late by more than two periods is a violation while a server runs', async () => {
  await nodeRunsFor(10);
  await reservationIsLateBy(110);
  expect((await audit())[OVERDUE]).toMatchObject({ ok: true, figures: { overdue: 1 } });
  await reservationIsLateBy(130);
  const { ok, violations } = (await audit())[OVERDUE] as AuditResult;
  expect([ok, violations]).toEqual([
    false,
    [expect.stringMatching(/^reservation CUSTOMER:102:reserved holds coupon \d+, but ended at/)],
  ]);
});

type Name = keyof typeof coupons;
interface Planted {
  readonly what: string;
  readonly on: Name;
  /** $1 is the coupon. */
  readonly plant: readonly string[];
  readonly found: readonly [audit: number, ...violations: ((id: bigint, policyId: bigint) => string)[]];
}
const SECOND = `insert into coupon.coupon_reservations (id, coupon_id, user_id, order_amount, discount_amount, status,
  reserved_at, expires_at) select 'second', id, user_id, 5000, 1000,`;
const planted: readonly Planted[] = [
  {
    what: 'a RESERVED coupon without its reservation',
    on: 'reserved',
    plant: [`delete from coupon.coupon_reservations where coupon_id = $1`],
    found: [0, (id) => `coupon ${id} is RESERVED by CUSTOMER:102:reserved, but no such reservation holds it`],
  },
  {
    what: 'a coupon that two reservations hold',
    on: 'reserved',
    plant: [
      `drop index coupon.coupon_reservations_holding`,
      `${SECOND} 'PENDING', now(), now() + interval '1 hour' from coupon.coupon_issues where id = $1`,
    ],
    found: [0, (id) => `reservation second is PENDING, but coupon ${id} is not RESERVED by it`],
  },
  {
    what: 'a reservation that holds a free coupon',
    on: 'released',
    plant: [`update coupon.coupon_reservations set status = 'PENDING' where coupon_id = $1`],
    found: [0, (id) => `reservation CUSTOMER:105:released is PENDING, but coupon ${id} is not RESERVED by it`],
  },
  {
    what: 'a coupon that names another reservation than the one that holds it',
    on: 'reserved',
    plant: [`update coupon.coupon_issues set reservation_id = 'other' where id = $1`],
    found: [
      0,
      (id) => `coupon ${id} is RESERVED by other, but no such reservation holds it`,
      (id) => `reservation CUSTOMER:102:reserved is PENDING, but coupon ${id} is not RESERVED by it`,
    ],
  },
  {
    what: 'a paid coupon whose reservation is not CONFIRMED',
    on: 'paid',
    plant: [`update coupon.coupon_reservations set status = 'EXPIRED' where coupon_id = $1`],
    found: [0, (id) => `coupon ${id} is USED by CUSTOMER:103:paid, but no such reservation holds it`],
  },
  {
    what: 'a restored coupon whose reservation is still CONFIRMED',
    on: 'restored',
    plant: [`update coupon.coupon_reservations set status = 'CONFIRMED' where coupon_id = $1`],
    found: [0, (id) => `reservation CUSTOMER:107:restored is CONFIRMED, but coupon ${id} is not USED by it`],
  },
  {
    what: 'a reservation of a coupon that does not exist',
    on: 'reserved',
    plant: [`delete from coupon.coupon_issues where id = $1`],
    found: [0, (id) => `reservation CUSTOMER:102:reserved is PENDING, but coupon ${id} is not RESERVED by it`],
  },
  {
    what: 'a discount above its order',
    on: 'reserved',
    plant: [
      `alter table coupon.coupon_reservations drop constraint coupon_reservations_discount`,
      `update coupon.coupon_reservations set order_amount = 999 where coupon_id = $1`,
    ],
    found: [2, () => 'reservation CUSTOMER:102:reserved takes 1000 off an order of 999'],
  },
  {
    what: 'a discount that is not the frozen one',
    on: 'paid',
    plant: [`update coupon.coupon_issues set discount_amount = 900 where id = $1`],
    found: [2, (id) => `coupon ${id} gave 900, but reservation CUSTOMER:103:paid froze 1000`],
  },
  {
    what: 'a step that is missing in the history',
    on: 'restored',
    plant: [`delete from coupon.coupon_history where coupon_id = $1 and version = 3`],
    found: [3, (id) => `coupon ${id} has version 4, but 2 rows of history from 2 to 4`],
  },
  {
    what: 'the first step missing in the history',
    on: 'restored',
    plant: [`delete from coupon.coupon_history where coupon_id = $1 and version = 2`],
    found: [3, (id) => `coupon ${id} has version 4, but 2 rows of history from 3 to 4`],
  },
  {
    what: 'a coupon that changed without a step',
    on: 'issued',
    plant: [`update coupon.coupon_issues set status = 'USED' where id = $1`],
    found: [3, (id) => `coupon ${id} is USED, but its history ends with ISSUED`],
  },
  {
    what: 'a history that ends in another state',
    on: 'released',
    plant: [`update coupon.coupon_history set kind = 'EXPIRED' where coupon_id = $1 and version = 3`],
    found: [3, (id) => `coupon ${id} is ISSUED, but its history ends with EXPIRED`],
  },
  {
    what: 'a coupon that forgot its steps',
    on: 'released',
    plant: [`update coupon.coupon_issues set version = 1 where id = $1`],
    found: [3, (id) => `coupon ${id} does not exist or is as it was issued, but has 2 rows of history`],
  },
  {
    what: 'the history of a coupon that does not exist',
    on: 'released',
    plant: [`delete from coupon.coupon_issues where id = $1`],
    found: [3, (id) => `coupon ${id} does not exist or is as it was issued, but has 2 rows of history`],
  },
  {
    what: 'stock given back by a coupon that is not cancelled',
    on: 'used',
    plant: [`update coupon.coupon_issues set returned = true where id = $1`],
    found: [4, (id) => `coupon ${id} is USED and returned`],
  },
  {
    what: 'a cancelled coupon that still takes a place',
    on: 'cancelled',
    plant: [`update coupon.coupon_issues set slot = 0 where id = $1`],
    found: [4, (id) => `coupon ${id} is CANCELLED and takes place 0`],
  },
  {
    what: 'a coupon that takes no place',
    on: 'used',
    plant: [`update coupon.coupon_issues set slot = null where id = $1`],
    found: [4, (id) => `coupon ${id} is USED and takes no place`],
  },
  {
    what: 'a code that was never generated',
    on: 'issued',
    plant: [`update coupon.coupon_issues set code = 'FORGED' where id = $1`],
    found: [5, (id, policyId) => `coupon ${id} of policy ${policyId} has a code that was never generated`],
  },
  {
    what: 'a code of another policy',
    on: 'issued',
    plant: [
      `insert into coupon.coupon_codes values ('FOREIGN', 99, 'FOREIGN', 1, 0)`,
      `update coupon.coupon_issues set code = 'FOREIGN' where id = $1`,
    ],
    found: [5, (id, policyId) => `coupon ${id} of policy ${policyId} has a code of policy 99`],
  },
  {
    what: 'a code that issued twice',
    on: 'issued',
    plant: [
      `drop index coupon.coupon_issues_code`,
      `insert into coupon.coupon_codes select 'TWICE', policy_id, 'TWICE', 1, 0 from coupon.coupon_issues where id = $1`,
      `update coupon.coupon_issues set code = 'TWICE' where id = $1 or status = 'RESERVED'`,
    ],
    found: [5, (id, policyId) => `a code of policy ${policyId} issued 2 coupons, the first is ${id}`],
  },
];

test.each(planted)('the audits of the lifecycle find: $what', async ({ on, plant, found: [index, ...violations] }) => {
  const { id, policyId } = coupons[on];
  for (const statement of plant) await client.query(statement, statement.includes('$1') ? [id] : []);
  for (const scope of [undefined, policyId]) {
    // For a deleted coupon the policy of its reservation is unknown.
    if (
      scope !== undefined &&
      index === 0 &&
      plant.some((statement) => /delete from coupon\.coupon_issues/.test(statement))
    )
      continue;
    const results = await audit(scope);
    expect(results[index]).toMatchObject({
      ok: false,
      violations: violations.map((violationOf) => violationOf(id, policyId)),
    });
  }
  expect((await audit(1n)).map(({ ok }) => ok)).not.toContain(false);
});
