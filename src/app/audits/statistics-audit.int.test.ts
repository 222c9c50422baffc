import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import type { AuditResult } from '../../platform/context.ts';
import { statisticsAudit } from './statistics-audit.ts';

let test_: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  test_ = await testDatabase();
  client = new pg.Client({ connectionString: test_.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await test_.drop();
});

/** 2026-01-15 09:30 in Seoul. */
const AT = '2026-01-15T00:30:00Z';
beforeEach(async () => {
  await client.query(`truncate coupon.coupon_policies, coupon.coupon_issues, coupon.coupon_history, statistics.hourly,
    platform.outbox`);
  for (const policyId of [7, 8]) await givenPolicy(policyId);
});

/** A policy with 10 coupons, 4 of them used for 1,000 each, and the statistics of that. */
async function givenPolicy(id: number): Promise<void> {
  await client.query(
    `insert into coupon.coupon_policies (id, name, description, discount_type, discount_value, minimum_order_amount,
       distribution_type, max_issue_count, max_issue_per_user, valid_days, valid_from, valid_until, timezone,
       restore_on_refund, status, current_issue_count, last_sequence_no, created_by, created_at, updated_at)
     values ($1, 'p', '', 'FIXED_AMOUNT', 1000, 0, 'FIRST_COME', 10, 1, 7, $2, now() + interval '1 day', 'Asia/Seoul',
       false, 'ACTIVE', 10, 10, 1, $2, $2)`,
    [id, AT],
  );
  await client.query(
    `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
     select $1::bigint * 1000 + n, $1, n, n, 0, $2::timestamptz, now() from generate_series(1, 10) as n`,
    [id, AT],
  );
  await client.query(
    `insert into coupon.coupon_history (coupon_id, version, policy_id, kind, discount_amount, group_id, at)
     select $1::bigint * 1000 + n, 2, $1, 'USED', 1000, 1, $2::timestamptz + interval '1 hour' from generate_series(1, 4) as n`,
    [id, AT],
  );
  await client.query(
    `insert into statistics.hourly values
       ($1, '2026-01-15T00:00:00Z', '2026-01-15', 9, null, 10, 0, 0, 0, 0, 0, 0, 0, false),
       ($1, '2026-01-15T01:00:00Z', '2026-01-15', 10, null, 0, 0, 4, 0, 0, 0, 0, 4000, true)`,
    [id],
  );
}

/** One more coupon of policy 7, issued at `at`, whose event was not counted. */
const issueAnother = (at: string) =>
  client.query(
    `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
     values (7011, 7, 11, 11, 0, $1, now())`,
    [at],
  );
const queueEvents = (rows: number) =>
  client.query(
    `insert into platform.outbox (id, topics, payload, events) select n, '{coupon.issued}', $2, 1 from generate_series(1, $1) as n`,
    [
      rows,
      JSON.stringify([
        {
          topic: 'coupon.issued',
          source: 'coupon',
          keyField: 'couponId',
          common: { policyId: '7' },
          columns: [],
          rows: [[]],
        },
      ]),
    ],
  );

async function audit(policyId?: bigint): Promise<AuditResult> {
  await client.query('begin isolation level repeatable read read only');
  const result = await statisticsAudit.run(client, policyId === undefined ? {} : { policyId });
  await client.query('commit');
  return result;
}

test('the audit of statistics accepts statistics that equal a recount', async () => {
  expect(await audit()).toEqual({ ok: true, figures: { hours: 4, facts: 28, behind: 0 }, violations: [] });
  expect(await audit(8n)).toEqual({ ok: true, figures: { hours: 2, facts: 14, behind: 0 }, violations: [] });
});

test.each([
  ['a count too high', `set used = 5`, 'policy 7 on 2026-01-15, hour 10: used 5, recounted 4'],
  ['a count too low', `set used = 3`, 'policy 7 on 2026-01-15, hour 10: used 3, recounted 4'],
  ['a wrong sum', `set discount_amount = 3999`, 'policy 7 on 2026-01-15, hour 10: discountAmount 3999, recounted 4000'],
])('the audit of statistics finds %s', async (_, change, violation) => {
  await client.query(`update statistics.hourly ${change} where policy_id = 7 and hour = 10`);
  expect(await audit()).toMatchObject({ ok: false, figures: { broken: 1 }, violations: [violation] });
  expect(await audit(7n)).toMatchObject({ ok: false, violations: [violation] });
  expect(await audit(8n)).toMatchObject({ ok: true });
});

test('the audit of statistics finds an hour that is missing, one that never was and one of another day', async () => {
  await client.query(`delete from statistics.hourly where policy_id = 7 and hour = 9`);
  await client.query(`update statistics.hourly set starts_at = starts_at - interval '1 day', day = day - 1
    where policy_id = 8 and hour = 10`);
  expect((await audit()).violations.toSorted()).toEqual([
    'policy 7 on 2026-01-15, hour 9: issued 0, recounted 10',
    'policy 8 on 2026-01-14, hour 10: used 4, recounted 0, discountAmount 4000, recounted 0',
    'policy 8 on 2026-01-15, hour 10: used 0, recounted 4, discountAmount 0, recounted 4000',
  ]);
});

test('the audit of statistics accepts a count that lacks a fact of this moment, and no count that is too high', async () => {
  await issueAnother(new Date().toISOString());
  expect(await audit()).toMatchObject({ ok: true, figures: { behind: 1 } });
  await client.query(`update statistics.hourly set used = 5 where policy_id = 7 and hour = 10`);
  expect(await audit()).toMatchObject({
    ok: false,
    violations: ['policy 7 on 2026-01-15, hour 10: used 5, recounted 4'],
  });
});

test('the audit of statistics finds an old fact that was not counted, unless its event is in the outbox', async () => {
  await issueAnother(AT);
  const violations = ['policy 7 on 2026-01-15, hour 9: issued 10, recounted 11'];
  expect(await audit()).toMatchObject({ ok: false, violations });
  await queueEvents(1);
  expect(await audit()).toMatchObject({ ok: true, figures: { behind: 1 } });
  await client.query(`update statistics.hourly set issued = 9 where policy_id = 8 and hour = 9`);
  expect(await audit()).toMatchObject({ ok: false });
});

test('the audit of statistics accepts missing facts of every policy when the outbox is too long to be read', async () => {
  await client.query(`update statistics.hourly set issued = 9 where hour = 9`);
  await queueEvents(1_001);
  expect(await audit()).toMatchObject({ ok: true, figures: { behind: 2 } });
});
