import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../../test/support/postgres.ts';
import { migrate } from '../../../../platform/postgres/migrate.ts';
import { normalizeCode } from '../../domain/codes/code.ts';

const ALL = join(import.meta.dirname, 'migrations');
let home: TestDatabase;
let client: pg.Client;
let older: string;
beforeEach(async () => {
  home = await testDatabase();
  client = new pg.Client({ connectionString: home.url });
  await client.connect();
  await client.query('drop schema coupon cascade');
  await client.query('drop table migrations.coupon');
  older = mkdtempSync(join(tmpdir(), 'stampede-migrations-'));
});
afterEach(async () => {
  await client.end();
  await home.drop();
  rmSync(older, { recursive: true });
});

/** The schema after the first `count` migrations. */
async function migrateTo(count: number): Promise<void> {
  cpSync(ALL, older, { recursive: true });
  const file = join(older, 'meta/_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: unknown[] };
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
  await migrate(home.url, [{ name: 'coupon', folder: older }]);
}

const policy = (id: number, code: string | null) =>
  client.query(
    `insert into coupon.coupon_policies (id, name, description, code, discount_type, discount_value, minimum_order_amount,
       distribution_type, max_issue_per_user, valid_days, valid_from, valid_until, timezone, restore_on_refund, status,
       created_by, created_at, updated_at)
     values ($1, 'Older', '', $2, 'FIXED_AMOUNT', 1000, 0, 'CODE', 1, 30, now(), now() + interval '1 day', 'Asia/Seoul', false,
       'ACTIVE', 1, now(), now())`,
    [id, code],
  );

it('existing codes of policies can be redeemed after the migration, by their normalized form', async () => {
  const codes = ['SUMMER-2026', 'COOL_OIL-1', 'ABC'];
  await migrateTo(1);
  for (const [index, code] of codes.entries()) await policy(index + 1, code);
  await policy(8, null);
  await policy(9, 'SUMMER2026');
  await migrate(home.url, [{ name: 'coupon', folder: ALL }]);
  const { rows } = await client.query(
    'select code, policy_id::int id, shown, job_id, place from coupon.coupon_codes order by 2',
  );
  expect(rows).toEqual(
    codes.map((shown, index) => ({ code: normalizeCode(shown), id: index + 1, shown, job_id: null, place: null })),
  );
  const shapes = await client.query('select length, prefix, symbols from coupon.coupon_code_shapes order by 1');
  expect(shapes.rows).toEqual([
    { length: 3, prefix: 'ABC', symbols: '' },
    { length: 8, prefix: 'C00', symbols: '' },
    { length: 10, prefix: 'SUM', symbols: '' },
  ]);
});

it('an earlier limit per user is derived from the number of coupons that users hold', async () => {
  await migrateTo(2);
  for (const id of [1, 2, 3]) await policy(id, null);
  await client.query(
    `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, status, issued_at, expires_at)
     select n, case when n < 7 then 1 else 2 end, case when n < 4 then 70 else 71 end, n,
       case when n = 1 then null when n < 4 then n - 1 when n < 7 then n - 4 else 0 end, case when n = 1 then 'CANCELLED' else 'ISSUED' end, now(), now()
     from generate_series(1, 7) n`,
  );
  await migrate(home.url, [{ name: 'coupon', folder: ALL }]);
  const { rows } = await client.query(
    'select id::int, max_issue_per_user as now, former_issue_per_user as former from coupon.coupon_policies order by id',
  );
  expect(rows).toEqual([
    { id: 1, now: 1, former: 3 },
    { id: 2, now: 1, former: 0 },
    { id: 3, now: 1, former: 0 },
  ]);
});

it('an earlier limit per user is derived from the slots of coupons, when other coupons were cancelled', async () => {
  await migrateTo(4);
  for (const id of [1, 2, 3]) await policy(id, null);
  await client.query(`update coupon.coupon_policies set max_issue_per_user = 2 where id = 3`);
  const coupon = (id: number, policyId: number, slot: number | null) =>
    client.query(
      `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, status, issued_at, expires_at)
       values ($1::int, $2, 70, $1::int, $3::int, case when $3::int is null then 'CANCELLED' else 'ISSUED' end, now(), now())`,
      [id, policyId, slot],
    );
  // Each user holds one coupon: two in the second slot, whose first slot is free again, and one in the first slot.
  await coupon(1, 1, null);
  await coupon(2, 1, 1);
  await coupon(3, 2, 0);
  await coupon(4, 3, null);
  await coupon(5, 3, 1);
  await migrate(home.url, [{ name: 'coupon', folder: ALL }]);
  const { rows } = await client.query(
    'select id::int, max_issue_per_user as now, former_issue_per_user as former from coupon.coupon_policies order by id',
  );
  expect(rows).toEqual([
    { id: 1, now: 1, former: 2 },
    { id: 2, now: 1, former: 0 },
    { id: 3, now: 2, former: 0 },
  ]);
});

it('coupons that were issued before have version 1 of the terms, which are those of their policy', async () => {
  await migrateTo(6);
  await policy(1, null);
  await client.query(`update coupon.coupon_policies set store_id = 5, max_discount_amount = 70 where id = 1`);
  await client.query(
    `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
     values (1, 1, 70, 1, 0, now(), now())`,
  );
  await migrate(home.url, [{ name: 'coupon', folder: ALL }]);
  const { rows } = await client.query(
    `select t.version, t.discount_type, t.discount_value::int, t.max_discount_amount::int, t.eligible_store_id::int, p.terms_version, p.terms_floor
     from coupon.coupon_issues i join coupon.coupon_policies p on p.id = i.policy_id
     join coupon.coupon_policy_terms t on t.policy_id = p.id and t.version = i.terms_version`,
  );
  expect(rows).toEqual([
    {
      version: 1,
      discount_type: 'FIXED_AMOUNT',
      discount_value: 1000,
      max_discount_amount: 70,
      eligible_store_id: 5,
      terms_version: 1,
      terms_floor: 1,
    },
  ]);
});

it('reservations that were there before get the origin and the user in their ids', async () => {
  await migrateTo(7);
  await policy(1, null);
  for (const [id, user, reservation, order] of [
    [1, 70, 'order:9', '9'],
    [2, 71, 'cart-1', '8'],
    [3, 72, 'order:9', null],
  ] as const) {
    await client.query(
      `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at, status, reservation_id, order_id)
       values ($1::int, 1, $2, $1::int, 0, now(), now(), 'RESERVED', $3, $4)`,
      [id, user, reservation, order],
    );
    // A table with two rows of the same id would not be possible.
    await client.query(
      `insert into coupon.coupon_reservations (id, coupon_id, user_id, order_id, order_amount, discount_amount, reserved_at, expires_at)
       values ($1, $2, $3, $4, 10, 1, now(), now()) on conflict do nothing`,
      [reservation, id, user, order],
    );
    await client.query(
      `insert into coupon.coupon_history (coupon_id, version, policy_id, kind, reservation_id, order_id, group_id, at)
       values ($1, 2, 1, 'RESERVED', $2, $3, 1, now())`,
      [id, reservation, order],
    );
  }
  await migrate(home.url, [{ name: 'coupon', folder: ALL }]);
  const ids = async (query: string) => (await client.query<{ id: string }>(query)).rows.map(({ id }) => id);
  const expected = ['CHECKOUT:70:order:9', 'CUSTOMER:71:cart-1', 'CUSTOMER:72:order:9'];
  expect(await ids('select reservation_id as id from coupon.coupon_issues order by user_id')).toEqual(expected);
  expect(await ids('select reservation_id as id from coupon.coupon_history order by coupon_id')).toEqual(expected);
  expect(await ids('select id from coupon.coupon_reservations order by user_id')).toEqual(expected.slice(0, 2));
});
