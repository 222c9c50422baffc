import type pg from 'pg';

/** Coupon n (from 1) belongs to user n, and is reserved by `r-n` for order `o-n`. */
export const POLICY = 1n;

/** As issuing and reserving would have left them, long before they expire. */
export async function reserveAll(client: pg.ClientBase, coupons: number): Promise<void> {
  await client.query(
    `insert into coupon.coupon_policies (id, name, description, discount_type, discount_value, minimum_order_amount,
       distribution_type, max_issue_count, max_issue_per_user, valid_days, valid_from, valid_until, timezone,
       restore_on_refund, status, current_issue_count, last_sequence_no, created_by, created_at, updated_at)
     values (${POLICY}, 'Bench', '', 'FIXED_AMOUNT', 3000, 0, 'DOWNLOAD', null, 1, 30, now() - interval '1 day',
       now() + interval '1 day', 'Asia/Seoul', true, 'ACTIVE', $1, $1, 1, now(), now())`,
    [coupons],
  );
  await client.query(
    `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, version, issued_at, expires_at,
       reserved_at, status, reservation_id, order_id)
     select n, ${POLICY}, n, n, 0, 2, now(), now() + interval '30 days', now(), 'RESERVED', 'CUSTOMER:' || n || ':r-' || n, 'o-' || n
     from generate_series(1, $1::bigint) n`,
    [coupons],
  );
  await client.query(
    `insert into coupon.coupon_reservations (id, coupon_id, user_id, order_id, order_amount, discount_amount, status,
       reserved_at, expires_at)
     select 'CUSTOMER:' || n || ':r-' || n, n, n, 'o-' || n, 30000, 3000, 'PENDING', now(), now() + interval '1 hour'
     from generate_series(1, $1::bigint) n`,
    [coupons],
  );
  await client.query('vacuum analyze coupon.coupon_issues, coupon.coupon_reservations');
}

/** Returns the fault, or undefined: every paid coupon was used once, with its reservation, its history and its event. */
export async function faultIn(client: pg.ClientBase, paid: number): Promise<string | undefined> {
  const { rows } = await client.query<{ used: number; confirmed: number; steps: number; letters: number }>(`
    select (select count(*)::int from coupon.coupon_issues where status = 'USED') as used,
      (select count(*)::int from coupon.coupon_reservations where status = 'CONFIRMED') as confirmed,
      (select count(*)::int from coupon.coupon_history where kind = 'USED') as steps,
      (select count(*)::int from platform.dead_letters) as letters`);
  const [found] = rows;
  const isRight = found?.used === paid && found.confirmed === paid && found.steps === paid && found.letters === 0;
  return isRight ? undefined : `${paid} were paid, and there are ${JSON.stringify(found)}`;
}
