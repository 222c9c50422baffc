import type pg from 'pg';
import type { Database } from '../../../../../platform/postgres/database.ts';
import type { UserCoupon } from '../../../api.ts';
import type { CouponReader } from '../../../application/queries/ports.ts';

// The index (user, policy, slot) is sufficient, and the first entry ends the scan.
const IS_ISSUED =
  'select 1 from coupon.coupon_issues where user_id = $1 and policy_id = $2 and slot is not null limit 1';

/**
 * The condition of each filter at time $2. A coupon past its expiry counts as expired, even if no scheduled task has
 * stored that yet.
 */
const FILTERS: Readonly<Record<string, string>> = {
  AVAILABLE: "(i.status = 'ISSUED' and i.expires_at > $2)",
  UNUSED: "i.status in ('ISSUED', 'RESERVED')",
  USED: "i.status = 'USED'",
  EXPIRED: "(i.status = 'EXPIRED' or (i.status = 'ISSUED' and i.expires_at <= $2))",
};

const COLUMNS = `
  i.id, i.policy_id, i.user_id, i.sequence_no, i.code, i.issued_at, i.expires_at, i.used_at, i.reserved_at,
  i.reservation_id, i.order_id, p.name, p.discount_type, p.discount_value, p.minimum_order_amount, p.max_discount_amount,
  case when i.status = 'ISSUED' and i.expires_at <= $2 then 'EXPIRED' else i.status end as status`;

// A user has at most some thousand coupons: they are found by the index and sorted here, and only the page is joined.
// Materialized, because otherwise the planner scans all coupons by id, newest first, until it has enough of this user:
// 20 to 50 ms instead of 1. $2 is used even without a filter, so that all forms have the same parameters.
const listOfUser = (filters: readonly string[]) => `
  with mine as materialized (
    select * from coupon.coupon_issues i
    where i.user_id = $1 and $2::timestamptz is not null and ($3::bigint is null or i.id < $3)
      and (${filters.length === 0 ? 'true' : filters.map((filter) => FILTERS[filter] ?? 'false').join(' or ')})
  ), page as (
    select * from mine order by id desc limit $4
  )
  select ${COLUMNS}
  from page i join coupon.coupon_policies p on p.id = i.policy_id
  order by i.id desc`;

const EXPIRING = `
  select ${COLUMNS}
  from (
    select * from coupon.coupon_issues i
    where i.user_id = $1 and i.status = 'ISSUED' and i.expires_at > $2::timestamptz and i.expires_at <= $3::timestamptz
    order by i.expires_at, i.id limit $4
  ) as i join coupon.coupon_policies p on p.id = i.policy_id
  order by i.expires_at, i.id`;

const STATISTICS = `
  select count(*) filter (where i.status <> 'CANCELLED')::int as total, count(*) filter (where ${FILTERS['AVAILABLE']})::int as available,
    count(*) filter (where ${FILTERS['USED']})::int as used, count(*) filter (where ${FILTERS['EXPIRED']})::int as expired,
    coalesce(sum(i.discount_amount) filter (where ${FILTERS['USED']}), 0)::bigint as saved
  from coupon.coupon_issues i where i.user_id = $1 and $2::timestamptz is not null`;

export function postgresCouponReader(database: Database): CouponReader {
  const { pool } = database;
  return {
    async isIssued(policyId, userId) {
      return (await pool.query(IS_ISSUED, [userId, policyId])).rowCount === 1;
    },
    async listOfUser({ userId, filters, now, before, limit }) {
      const { rows } = await pool.query<Row>(listOfUser(filters), [userId, now, before ?? null, limit]);
      return rows.map(toUserCoupon);
    },
    async expiring({ userId, now, until, limit }) {
      const { rows } = await pool.query<Row>(EXPIRING, [userId, now, until, limit]);
      return rows.map(toUserCoupon);
    },
    async statisticsOf(userId, now) {
      const { rows } = await pool.query<StatisticsRow>(STATISTICS, [userId, now]);
      const { total = 0, available = 0, used = 0, expired = 0, saved = 0n } = rows[0] ?? {};
      return { total, available, used, expired, saved };
    },
  };
}

interface StatisticsRow extends pg.QueryResultRow {
  total: number;
  available: number;
  used: number;
  expired: number;
  saved: bigint;
}

interface Row extends pg.QueryResultRow {
  id: bigint;
  policy_id: bigint;
  user_id: bigint;
  status: string;
  sequence_no: number;
  code: string | null;
  issued_at: Date;
  expires_at: Date;
  used_at: Date | null;
  reserved_at: Date | null;
  reservation_id: string | null;
  order_id: string | null;
  name: string;
  discount_type: string;
  discount_value: bigint;
  minimum_order_amount: bigint;
  max_discount_amount: bigint | null;
}

const toUserCoupon = (row: Row): UserCoupon => ({
  coupon: {
    id: row.id,
    policyId: row.policy_id,
    userId: row.user_id,
    status: row.status,
    sequenceNo: row.sequence_no,
    code: row.code ?? undefined,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at ?? undefined,
    reservedAt: row.reserved_at ?? undefined,
    reservationId: row.reservation_id ?? undefined,
    orderId: row.order_id ?? undefined,
  },
  name: row.name,
  discountType: row.discount_type,
  discountValue: row.discount_value,
  minimumOrderAmount: row.minimum_order_amount,
  maxDiscountAmount: row.max_discount_amount ?? undefined,
});
