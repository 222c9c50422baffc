import { afterAll, beforeAll, expect, test } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { postgresUnusedReader } from '../adapters/postgres/queries/unused-reader.ts';
import { listDueCoupons, listUnusedCoupons } from '../application/queries/list-due-coupons.ts';
import { nodeOver } from './open-stores.ts';
import { NOW_MS, policy } from './policies.ts';

let home: TestDatabase;
let database: Database;
const at = (hours: number): Date => new Date(NOW_MS + hours * HOUR_MS);
beforeAll(async () => {
  home = await testDatabase();
  const opened = nodeOver(home.url, countingIds(1n));
  database = opened.database;
  await opened.store.insert(policy(1n));
  // 40 that expire at hour 10, 5 at each of the hours 11 to 14; of each tenth the state is another one.
  await database.pool.query(
    `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at, status)
     select 1000 + s, 1, s, s, 0, $1::timestamptz, $1::timestamptz + make_interval(hours => 10 + greatest(0, (s - 36) / 5)),
       (array['ISSUED', 'EXPIRED'])[1 + (s % 10 = 0)::int]
     from generate_series(1, 60) as s`,
    [at(0)],
  );
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

test('due coupons come by expiry and id, each once, also where a page ends among coupons of one moment', async () => {
  const list = listDueCoupons(postgresUnusedReader(database));
  const found = [];
  let after: { readonly expiresAt: Date | undefined; readonly couponId: bigint } | undefined;
  for (let hasMore = true; hasMore; ) {
    const page = await list({ from: at(10), to: at(13), after, limit: 7 });
    expect(page.coupons.length).toBeLessThanOrEqual(7);
    found.push(...page.coupons);
    after = page.coupons.at(-1);
    hasMore = page.hasMore;
  }
  const { rows } = await database.pool.query<{ id: bigint }>(
    `select id from coupon.coupon_issues where status = 'ISSUED' and expires_at < $1 order by expires_at, id`,
    [at(13)],
  );
  expect(rows.length).toBeGreaterThan(40);
  expect(found.map(({ couponId }) => couponId)).toEqual(rows.map(({ id }) => id));
  expect(found[0]).toEqual({
    couponId: 1001n,
    userId: 1n,
    policyId: 1n,
    name: policy(1n).terms.name,
    expiresAt: at(10),
  });
});

test('unused coupons are those that were not used, cancelled or expired', async () => {
  const list = listUnusedCoupons(postgresUnusedReader(database));
  expect(await list({ couponIds: [1009n, 1010n, 1011n, 99n] })).toEqual({ couponIds: [1009n, 1011n] });
});

test('a request about more coupons than one response has is refused, because those left out would count as used', async () => {
  const list = listUnusedCoupons(postgresUnusedReader(database));
  const couponIds = Array.from({ length: 5_001 }, (_, n) => BigInt(n + 1));
  await expect(list({ couponIds })).rejects.toThrow('more than 5000 coupons');
});

test('a page of due coupons is read by the index of expiry alone', async () => {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local enable_seqscan = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `explain select id from coupon.coupon_issues
       where status = 'ISSUED' and expires_at >= now() and expires_at < now() and (expires_at, id) > (now(), 1)
       order by expires_at, id limit 10`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('coupon_issues_expiring');
    expect(plan).not.toContain('Sort');
    await client.query('rollback');
  } finally {
    client.release();
  }
});
