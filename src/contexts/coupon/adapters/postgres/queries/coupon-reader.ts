import type pg from 'pg';
import type { Database } from '../../../../../platform/postgres/database.ts';
import { converted, optional } from '../../../../../platform/postgres/mapped-fields.ts';
import { type RowOf, tableMapping } from '../../../../../platform/postgres/table-mapping.ts';
import type { CouponReader, ListedCoupon } from '../../../application/queries/ports.ts';
import type { CouponFilter, CouponStatus } from '../../../domain/enumerations.ts';
import { callerIdOf } from '../../../domain/lifecycle/reservation-id.ts';
import { JOIN_EARLIER_TERMS, KEPT_COLUMNS } from '../kept-terms.ts';
import { couponIssues, couponPolicies } from '../schema.ts';

// The index (user, policy, slot) is sufficient, and the first entry ends the scan.
const IS_ISSUED =
  'select 1 from coupon.coupon_issues where user_id = $1 and policy_id = $2 and slot is not null limit 1';

const OWNER_OF = 'select user_id from coupon.coupon_issues where id = $1';

const RESERVATIONS_BY_ID = 'select id from coupon.coupon_reservations where id = any($1::text[])';
const SERVICE_RESERVATIONS = `
  select id from coupon.coupon_reservations
  where id like 'SERVICE:%' and substring(id from '^[A-Z]+:[0-9]+:(.*)$') = $1 limit 2`;

/**
 * The condition of each filter at time $2. A coupon past its expiry counts as expired, even if no scheduled task has
 * stored that yet.
 */
const FILTERS: Readonly<Record<CouponFilter, string>> = {
  AVAILABLE: "(i.status = 'ISSUED' and i.expires_at > $2)",
  UNUSED: "i.status in ('ISSUED', 'RESERVED')",
  USED: "i.status = 'USED'",
  EXPIRED: "(i.status = 'EXPIRED' or (i.status = 'ISSUED' and i.expires_at <= $2))",
};

/** A coupon as responses show it, without its status at the time of the request. */
export const COUPON = tableMapping(couponIssues, {
  id: couponIssues.id,
  policyId: couponIssues.policyId,
  userId: couponIssues.userId,
  sequenceNo: couponIssues.sequenceNo,
  code: optional(couponIssues.code),
  issuedAt: couponIssues.issuedAt,
  expiresAt: couponIssues.expiresAt,
  usedAt: optional(couponIssues.usedAt),
  reservedAt: optional(couponIssues.reservedAt),
  reservationId: converted(
    couponIssues.reservationId,
    (id) => (id === null ? undefined : callerIdOf(id)),
    (id) => id ?? null,
  ),
  orderId: optional(couponIssues.orderId),
  termsVersion: couponIssues.termsVersion,
});
const TERMS = tableMapping(couponPolicies, {
  discountType: couponPolicies.discountType,
  discountValue: couponPolicies.discountValue,
  minimumOrderAmount: couponPolicies.minimumOrderAmount,
  maxDiscountAmount: optional(couponPolicies.maxDiscountAmount),
});
const COLUMNS = `
  ${COUPON.columns('i')}, p.name, ${KEPT_COLUMNS},
  case when i.status = 'ISSUED' and i.expires_at <= $2 then 'EXPIRED' else i.status end as status`;

// A user has at most some thousand coupons: they are found by the index and sorted here, and only the page is joined.
// Materialized, because otherwise the planner scans all coupons by id, newest first, until it has enough of this user:
// 20 to 50 ms instead of 1. $2 is used even without a filter, so that all forms have the same parameters.
const listOfUser = (filters: readonly CouponFilter[]) => `
  with mine as materialized (
    select * from coupon.coupon_issues i
    where i.user_id = $1 and $2::timestamptz is not null and ($3::bigint is null or i.id < $3)
      and (${filters.length === 0 ? 'true' : filters.map((filter) => FILTERS[filter]).join(' or ')})
  ), page as (
    select * from mine order by id desc limit $4
  )
  select ${COLUMNS}
  from page i join coupon.coupon_policies p on p.id = i.policy_id ${JOIN_EARLIER_TERMS}
  order by i.id desc`;

const EXPIRING = `
  select ${COLUMNS}
  from (
    select * from coupon.coupon_issues i
    where i.user_id = $1 and i.status = 'ISSUED' and i.expires_at > $2::timestamptz and i.expires_at <= $3::timestamptz
    order by i.expires_at, i.id limit $4
  ) as i join coupon.coupon_policies p on p.id = i.policy_id ${JOIN_EARLIER_TERMS}
  order by i.expires_at, i.id`;

const STATISTICS = `
  select count(*) filter (where i.status <> 'CANCELLED')::int as total, count(*) filter (where ${FILTERS.AVAILABLE})::int as available,
    count(*) filter (where ${FILTERS.USED})::int as used, count(*) filter (where ${FILTERS.EXPIRED})::int as expired,
    coalesce(sum(i.discount_amount) filter (where ${FILTERS.USED}), 0)::bigint as saved
  from coupon.coupon_issues i where i.user_id = $1 and $2::timestamptz is not null`;

export function postgresCouponReader(database: Database): CouponReader {
  const { pool } = database;
  return {
    async isIssued(policyId, userId) {
      return (await pool.query(IS_ISSUED, [userId, policyId])).rowCount === 1;
    },
    async ownerOf(couponId) {
      return (await pool.query<{ user_id: bigint }>(OWNER_OF, [couponId])).rows[0]?.user_id;
    },
    async existingReservations(ids) {
      const { rows } = await pool.query<{ id: string }>(RESERVATIONS_BY_ID, [ids]);
      return rows.map(({ id }) => id);
    },
    async serviceReservations(callerId) {
      const { rows } = await pool.query<{ id: string }>(SERVICE_RESERVATIONS, [callerId]);
      return rows.map(({ id }) => id);
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

type Row = RowOf<typeof COUPON> & RowOf<typeof TERMS> & { readonly status: CouponStatus; readonly name: string };

const toUserCoupon = (row: Row): ListedCoupon =>
  TERMS.read(row, { name: row.name, coupon: COUPON.read(row, { status: row.status }) });
