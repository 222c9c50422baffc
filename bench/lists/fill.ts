import type pg from 'pg';

/** Users who have a coupon of every policy; all others have few. */
export const HEAVY_USERS = 500;
export const POLICIES = 1_000;

const POLICIES_SQL = `
  insert into coupon.coupon_policies (id, name, description, discount_type, discount_value, minimum_order_amount,
    distribution_type, max_issue_per_user, valid_days, valid_from, valid_until, timezone, restore_on_refund, status,
    current_issue_count, last_sequence_no, created_by, created_at, updated_at)
  select p, 'Policy ' || p, '', 'FIXED_AMOUNT', 3000, 0, 'DOWNLOAD', 1, 365, now() - interval '300 days', now(), 'Asia/Seoul',
    false, 'ENDED', 0, $1::int, 1, now(), now()
  from generate_series(1, ${POLICIES}) p`;

// In the order of issue, so that a user's coupons lie on as many pages as they have policies: the worst case for reading.
// Of ten coupons five are issued, three used, one expired, one withdrawn.
const COUPONS_SQL = `
  insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, version, issued_at, expires_at, status, used_at,
    order_id, discount_amount)
  select (p::bigint << 22) + k, p, case when k <= ${HEAVY_USERS} then k else ${HEAVY_USERS} + (p::bigint * $1::int + k) * 7919 % 5000000 + 1 end, k,
    case when state = 9 then null else 0 end, case when state < 5 then 1 else 2 end, now() - interval '1 day' * (k % 300),
    now() + interval '1 hour' * ((p * 37 + k) % 8760),
    case when state < 5 then 'ISSUED' when state < 8 then 'USED' when state = 8 then 'EXPIRED' else 'CANCELLED' end,
    case when state between 5 and 7 then now() end, case when state between 5 and 7 then 'order ' || k end,
    case when state between 5 and 7 then 3000 end
  from generate_series($2::int, $3::int) p, generate_series(1, $1::int) k, lateral (select (p * 31 + k * 7) % 10 as state) as s`;

const BATCH_POLICIES = 20;

/** Fills a migrated, empty database. Indexes are created afterwards, and tables are unlogged: the database is temporary. */
export async function fill(client: pg.Client, coupons: number, say: (line: string) => void): Promise<void> {
  const each = Math.floor(coupons / POLICIES);
  await client.query(POLICIES_SQL, [each]);
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
     where schemaname = 'coupon' and tablename = 'coupon_issues' and indexname <> 'coupon_issues_pkey'`,
  );
  for (const { name } of rows) await client.query(`drop index coupon.${name}`);
  await client.query('alter table coupon.coupon_issues set unlogged');
  await client.query(`set maintenance_work_mem = '1GB'`);
  for (let from = 1; from <= POLICIES; from += BATCH_POLICIES) {
    await client.query(COUPONS_SQL, [each, from, from + BATCH_POLICIES - 1]);
  }
  say(`${each * POLICIES} coupons are there, making ${rows.length} indexes`);
  for (const { definition } of rows) await client.query(definition);
  await client.query('vacuum analyze coupon.coupon_issues');
  await client.query('analyze coupon.coupon_policies');
}
