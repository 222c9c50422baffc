import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../../../test/support/postgres.ts';
import { type Database, openDatabase } from '../../../../../platform/postgres/database.ts';
import { listHolders } from '../../../application/queries/list-holders.ts';
import { postgresHolderReader } from './holder-reader.ts';

let home: TestDatabase;
let database: Database;
beforeAll(async () => {
  home = await testDatabase();
  database = openDatabase({ url: home.url, onError: () => {} });
  await database.pool.query(`
    insert into coupon.coupon_policies (id, name, description, discount_type, discount_value, minimum_order_amount, distribution_type,
      max_issue_per_user, valid_days, valid_from, valid_until, timezone, restore_on_refund, status, current_issue_count, last_sequence_no,
      created_by, created_at, updated_at)
    values (7, 'p', '', 'FIXED_AMOUNT', 1000, 0, 'FIRST_COME', 1, 7, now(), now() + interval '1 day', 'Asia/Seoul', false, 'ACTIVE', 0, 0, 1,
      now(), now())`);
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

const issue = async (from: number, to: number): Promise<void> => {
  await database.pool.query(
    `with counted as (update coupon.coupon_policies set current_issue_count = $2, last_sequence_no = $2 where id = 7)
     insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
     select n, 7, 100 + n, n, 0, now(), now() from generate_series($1::int, $2::int) as n`,
    [from, to],
  );
};

it('no holder is left out while coupons are issued between the reads', async () => {
  await issue(1, 1_990);
  let reads = 0;
  // Before every read but the first, more coupons are issued.
  const pool = {
    async query(text: string, values: unknown[]) {
      reads += 1;
      if (reads === 2) await issue(1_991, 2_100);
      return await database.pool.query(text, values);
    },
  } as unknown as Database['pool'];
  const holders = listHolders(postgresHolderReader({ pool }));
  const found: bigint[] = [];
  for (let after = 0, hasMore = true; hasMore; ) {
    const page = await holders({ policyId: 7n, after, limit: 2_000 });
    found.push(...page.userIds);
    ({ next: after, hasMore } = page);
    // As a job that begins again: it goes on from its position.
    if (page.issued === 1_990) hasMore = true;
  }
  expect(found).toEqual(Array.from({ length: 2_100 }, (_, n) => BigInt(101 + n)));
});

it('withdrawn coupons are left out, and a policy without coupons has none', async () => {
  await database.pool.query(`update coupon.coupon_issues set status = 'CANCELLED' where sequence_no between 1 and 3`);
  const holders = listHolders(postgresHolderReader(database));
  expect(await holders({ policyId: 7n, after: 0, limit: 4 })).toEqual({
    userIds: [104n],
    next: 4,
    hasMore: true,
    issued: 2_100,
  });
  expect(await holders({ policyId: 8n, after: 0, limit: 4 })).toEqual({
    userIds: [],
    next: 0,
    hasMore: false,
    issued: 0,
  });
});
