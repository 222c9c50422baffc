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
import { issueEvents } from '../../../application/issue/issue-events.ts';
import { policyEvents } from '../../../application/policy/policy-events.ts';
import { decideIssues } from '../../../domain/issue/issue.ts';
import { createCoupon } from '../../../module.ts';
import { ask, policy, terms } from '../../../test/policies.ts';
import { postgresIssueStore } from '../issue/issue-store.ts';
import { postgresPolicyStore } from '../policy/policy-store.ts';
import { couponAudits } from './audits.ts';

let test_: TestDatabase;
let client: pg.Client;

beforeEach(async () => {
  test_ = await testDatabase();
  client = new pg.Client({ connectionString: test_.url });
  client.on('error', () => {});
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await test_.drop();
});

/** Policy `id` with `coupons` issued coupons: half of the events published, half in the outbox. */
async function givenPolicy(id: number, coupons: number, max = coupons): Promise<void> {
  await client.query(
    `insert into coupon.coupon_policies (id, name, description, discount_type, discount_value, minimum_order_amount,
       distribution_type, max_issue_count, max_issue_per_user, valid_days, valid_from, valid_until, timezone,
       restore_on_refund, status, current_issue_count, last_sequence_no, created_by, created_at, updated_at)
     values ($1, 'p', '', 'FIXED_AMOUNT', 1000, 0, 'FIRST_COME', $3, 1, 7, now(), now() + interval '1 day', 'Asia/Seoul',
       false, 'ACTIVE', $2, $2, 1, now(), now())`,
    [id, coupons, max],
  );
  await client.query(
    `insert into coupon.coupon_policy_terms (policy_id, version, discount_type, discount_value, minimum_order_amount, created_at)
     values ($1, 1, 'FIXED_AMOUNT', 1000, 0, now())`,
    [id],
  );
  await client.query(
    `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
     select $1::bigint * 1000000000 + n, $1, 5000 + n, n, 0, now(), now() + interval '7 days'
     from generate_series(1, $2::int) as n`,
    [id, coupons],
  );
  const published = Math.floor(coupons / 2);
  await client.query(`insert into platform.published_events values ('coupon.issued', $1, $2)`, [String(id), published]);
  await queue(
    id,
    Array.from({ length: coupons - published }, (_, i) => id * 1_000_000_000 + published + i + 1),
  );
}

async function queue(policyId: number, couponIds: readonly number[]): Promise<void> {
  const batch = {
    topic: 'coupon.issued',
    source: 'coupon',
    keyField: 'couponId',
    common: { policyId: String(policyId) },
    columns: ['couponId'],
    rows: couponIds.map((id) => [String(id)]),
  };
  const tally = { 'coupon.issued': { [policyId]: couponIds.length } };
  await client.query(
    `insert into platform.outbox (id, topics, payload, events, tally)
     select coalesce(max(id), 0) + 1, '{coupon.issued}', $1, $2, $3 from platform.outbox`,
    [JSON.stringify([batch]), couponIds.length, JSON.stringify(tally)],
  );
}

async function audit(policyId?: bigint): Promise<AuditResult[]> {
  await client.query('begin isolation level repeatable read read only');
  const results: AuditResult[] = [];
  for (const { run } of couponAudits) results.push(await run(client, policyId === undefined ? {} : { policyId }));
  await client.query('commit');
  return results;
}
const HISTORY = `
  insert into coupon.coupon_history (coupon_id, version, policy_id, kind, group_id, at) values ($1, $2, 7, $3, 1, now())`;
const violationsOf = (results: readonly AuditResult[]) => results.flatMap((result) => result.violations);

test('coupons issued by the store pass, with figures of what was checked', async () => {
  const log = pino({ level: 'silent' });
  const metrics = new Registry();
  const database = openDatabase({ url: test_.url, onError: () => {} });
  const bus = inProcessBus({ deadLetters: postgresDeadLetters(database.pool), metrics, log });
  const nextId = snowflake(() => 1, Date.now);
  const coupon = createCoupon(
    { database, bus, clock: Date.now, nextId, metrics, log },
    { store: NO_STORES },
    { rateLimit: false },
  );
  const now = Date.now();
  const created = await coupon.api.createPolicy({
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
      restoreOnRefund: false,
    },
  });
  if (created.outcome?.$case !== 'policy') throw new Error(JSON.stringify(created.outcome));
  const policyId = created.outcome.value.id;
  await Promise.all(
    Array.from({ length: 120 }, (_, i) => coupon.api.issueCoupon({ policyId, userId: BigInt(100 + (i % 100)) })),
  );

  const results = await audit(policyId);
  expect(violationsOf(results)).toEqual([]);
  expect(results.map(({ figures }) => figures)).toEqual([
    { policies: 1, coupons: 50 },
    { holders: 50, most: 1 },
    { policies: 1, numbers: 50 },
    { published: 0, queued: 50 },
    { events: 50 },
    { policies: 1, versions: 1 },
    { pending: 0, confirmed: 0 },
    { overdue: 0 },
    { reservations: 0, frozen: 0 },
    { coupons: 0, steps: 0 },
    { coupons: 50, cancelled: 0, returned: 0 },
    { redeemed: 0 },
  ]);
  await coupon.stop();
  await bus.stop();
  await database.close();
});

test('a cancelled and returned coupon does not count, and keeps its number', async () => {
  await givenPolicy(7, 10);
  await client.query(
    `update coupon.coupon_issues set status = 'CANCELLED', slot = null, returned = true, version = 2 where sequence_no = 4`,
  );
  await client.query(HISTORY, [7_000_000_004n, 2, 'CANCELLED']);
  await client.query('update coupon.coupon_policies set current_issue_count = 9');
  expect(violationsOf(await audit())).toEqual([]);
});

const NO_UNIQUE = 'drop index coupon.coupon_issues_sequence; drop index coupon.coupon_issues_holding';
const WIDE = { validFrom: new Date(Date.now() - 1_000), validUntil: new Date(Date.now() + 3_600_000) };

test('a limit for a user that was lowered, however often, allows what users hold from before, and no more', async () => {
  const database = openDatabase({ url: test_.url, onError: () => {} });
  const ids = snowflake(() => 1, Date.now);
  const store = postgresPolicyStore({
    database,
    nextId: ids,
    eventsOf: policyEvents,
    onEvents: () => {},
  });
  const issues = postgresIssueStore({ database, nextId: ids, eventsOf: issueEvents, onEvents: () => {} });
  const withLimit = (maxIssuePerUser: number) => terms({ ...WIDE, maxIssuePerUser, maxIssueCount: 20 });
  const give = async (userId: bigint, count: number) => {
    const commands = Array.from({ length: count }, () => ask(5n, userId));
    await issues.issueBatch(commands, (seen, nowMs) => decideIssues(seen, commands, nowMs, ids));
  };
  const limit = (maxIssuePerUser: number) =>
    store.change(5n, { kind: 'TERMS', by: '1', reason: '' }, (found) => ({
      ...found,
      terms: withLimit(maxIssuePerUser),
    }));
  await store.insert(policy(5n, { terms: withLimit(2) }));
  await give(71n, 2);
  await limit(3);
  await give(72n, 3);
  await limit(2);
  await limit(1);
  await give(73n, 3);
  expect(violationsOf(await audit())).toEqual([]);
  await client.query(`${NO_UNIQUE};
    update coupon.coupon_issues set user_id = 72 where user_id = 71 and slot = 0`);
  expect(violationsOf(await audit())).toEqual(['user 72 has 4 coupons of policy 5, which allows 3']);
  await database.close();
});

interface Planted {
  readonly what: string;
  readonly plant: readonly string[];
  /** The audit that finds it, and its violation. */
  readonly found: readonly [audit: number, violation: string];
}
const planted: readonly Planted[] = [
  {
    what: 'a count that is too high',
    plant: [
      'alter table coupon.coupon_policies drop constraint coupon_policies_count',
      'alter table coupon.coupon_policies drop constraint coupon_policies_sequence',
      'update coupon.coupon_policies set current_issue_count = 11 where id = 7',
    ],
    found: [0, 'policy 7 counts 11 coupons, but has 10'],
  },
  {
    what: 'more coupons than the limit',
    plant: [
      'alter table coupon.coupon_policies drop constraint coupon_policies_count',
      'update coupon.coupon_policies set max_issue_count = 9 where id = 7',
    ],
    found: [0, 'policy 7 has 10 coupons, its limit is 9'],
  },
  {
    what: 'coupons of a policy that does not exist',
    plant: [
      'insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, issued_at, expires_at) values (1, 99, 1, 1, now(), now())',
    ],
    found: [0, 'policy 99 does not exist, but has 1 coupons'],
  },
  {
    what: 'a user with two coupons',
    plant: [NO_UNIQUE, 'update coupon.coupon_issues set user_id = 5001 where policy_id = 7 and sequence_no = 2'],
    found: [1, 'user 5001 has 2 coupons of policy 7, which allows 1'],
  },
  {
    what: 'a gap in the sequence',
    plant: ['update coupon.coupon_issues set sequence_no = 11 where policy_id = 7 and sequence_no = 3'],
    found: [2, 'policy 7 gave numbers up to 10, but has 10 coupons with 10 different numbers from 1 to 11'],
  },
  {
    what: 'a number given twice',
    plant: [NO_UNIQUE, 'update coupon.coupon_issues set sequence_no = 4 where policy_id = 7 and sequence_no = 3'],
    found: [2, 'policy 7 gave numbers up to 10, but has 10 coupons with 9 different numbers from 1 to 10'],
  },
  {
    what: 'an acknowledged coupon that is gone',
    plant: ['delete from coupon.coupon_issues where policy_id = 7 and sequence_no = 10'],
    found: [2, 'policy 7 gave numbers up to 10, but has 9 coupons with 9 different numbers from 1 to 9'],
  },
  {
    what: 'a coupon without its event',
    plant: [`update platform.published_events set events = 4 where key = '7'`],
    found: [3, 'policy 7 has 10 coupons, but 4 events published and 5 queued'],
  },
  {
    what: 'an outbox row that vanished',
    plant: ['delete from platform.outbox where id = 1'],
    found: [3, 'policy 7 has 10 coupons, but 5 events published and 0 queued'],
  },
  {
    what: 'an event about a coupon that does not exist',
    plant: [`update platform.outbox set payload = replace(payload, '7000000006', '7000000666') where id = 1`],
    found: [4, 'coupon 7000000666 has an event, but does not exist'],
  },
  {
    what: 'an event that is queued twice',
    plant: [`update platform.outbox set payload = replace(payload, '7000000006', '7000000007') where id = 1`],
    found: [4, 'coupon 7000000007 has two events in the outbox'],
  },
  {
    what: 'terms that differ from those of their version',
    plant: ['update coupon.coupon_policies set discount_value = 1 where id = 7'],
    found: [5, 'policy 7 differs from its terms version 1'],
  },
  {
    what: 'a version of terms that is not stored',
    plant: ['delete from coupon.coupon_policy_terms where policy_id = 7'],
    found: [5, 'policy 7 has terms version 1, but 0 stored versions from 0 to 0'],
  },
  {
    what: 'a coupon with a version of terms that does not exist yet',
    plant: ['update coupon.coupon_issues set terms_version = 2 where policy_id = 7 and sequence_no = 3'],
    found: [5, 'coupon 7000000003 has terms version 2, but policy 7 has version 1'],
  },
];

test.each(planted)('the audits of coupons find: $what', async ({ plant, found: [index, violation] }) => {
  await givenPolicy(7, 10);
  await givenPolicy(8, 10);
  expect(violationsOf(await audit())).toEqual([]);
  for (const statement of plant) await client.query(statement);
  const results = await audit();
  expect(results[index]).toMatchObject({ ok: false, violations: [violation] });
  expect(results.map(({ ok }) => ok)).toContain(true);
});

test('the audits of one policy check only that policy, and a policy that does not exist is a violation', async () => {
  await givenPolicy(7, 10);
  await givenPolicy(8, 10);
  await client.query('delete from coupon.coupon_issues where policy_id = 8 and sequence_no = 10');
  expect(violationsOf(await audit(7n))).toEqual([]);
  expect(violationsOf(await audit(8n)).length).toBeGreaterThan(0);
  expect(violationsOf(await audit(9n))).toEqual(['there is no policy 9']);
});
