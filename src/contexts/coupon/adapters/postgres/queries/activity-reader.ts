import type pg from 'pg';
import type { Database } from '../../../../../platform/postgres/database.ts';
import type { ActivityReader, Quarter, QuarterQuery } from '../../../application/queries/ports.ts';

/**
 * By quarter hour, because PostgreSQL and this process may have different time zone rules, and only one of them may
 * assign the days: localHour does. $1 = policies, none = all; [$2, $3) is the range of times.
 */
const QUARTERS = `
  with counted as (
    select policy_id, date_bin('15 minutes', issued_at, 'epoch') as quarter, max(issued_at) as latest, count(*) as issued, 0 as reserved, 0 as used,
      0 as released, 0 as cancelled, 0 as expired, 0 as restored, 0 as discount_amount
    from coupon.coupon_issues
    where (cardinality($1::bigint[]) = 0 or policy_id = any($1)) and issued_at >= $2 and issued_at < $3
    group by 1, 2
    union all
    select policy_id, date_bin('15 minutes', at, 'epoch'), max(at), 0, count(*) filter (where kind = 'RESERVED'),
      count(*) filter (where kind = 'USED'), count(*) filter (where kind = 'RELEASED'),
      count(*) filter (where kind = 'CANCELLED'), count(*) filter (where kind = 'EXPIRED'),
      count(*) filter (where kind = 'RESTORED'),
      coalesce(sum(discount_amount) filter (where kind = 'USED'), 0)
        - coalesce(sum(discount_amount) filter (where kind = 'RESTORED'), 0)
    from coupon.coupon_history
    where (cardinality($1) = 0 or policy_id = any($1)) and at >= $2 and at < $3 and kind <> 'EXTENDED'
    group by 1, 2
  )
  select c.policy_id, p.store_id, p.timezone, c.quarter, max(latest) as latest, sum(issued)::bigint as issued, sum(reserved)::bigint as reserved,
    sum(used)::bigint as used, sum(released)::bigint as released, sum(cancelled)::bigint as cancelled,
    sum(expired)::bigint as expired, sum(restored)::bigint as restored, sum(discount_amount)::bigint as discount_amount
  from counted as c join coupon.coupon_policies as p on p.id = c.policy_id
  group by 1, 2, 3, 4 order by 1, 4`;

// Starts from PENDING reservations, of which there are few.
const RESERVED = `
  select count(*) as reserved
  from coupon.coupon_reservations as r join coupon.coupon_issues as i on i.id = r.coupon_id
  where r.status = 'PENDING' and i.policy_id = $1`;

const POLICY_IDS = 'select id from coupon.coupon_policies where store_id = any($1::bigint[]) order by id desc limit $2';

export const postgresActivityReader = ({ pool }: Database): ActivityReader => ({
  quarters: (query) => readQuarters(pool, query),
  async countReserved(policyId) {
    const { rows } = await pool.query<{ reserved: bigint }>(RESERVED, [policyId]);
    return rows[0]?.reserved ?? 0n;
  },
  async policyIdsOf(storeIds, limit) {
    const { rows } = await pool.query<{ id: bigint }>(POLICY_IDS, [storeIds, limit]);
    return rows.map(({ id }) => id);
  },
});

/** For any connection: those of the pool return int8 as bigint, others as text. */
export async function readQuarters(client: Pick<pg.ClientBase, 'query'>, query: QuarterQuery): Promise<Quarter[]> {
  const { policyIds, from, to } = query;
  const { rows } = await client.query<Row>(QUARTERS, [policyIds, from, to]);
  return rows.map((row) => ({
    policyId: BigInt(row.policy_id),
    storeId: row.store_id === null ? undefined : BigInt(row.store_id),
    timezone: row.timezone,
    startsAtMs: row.quarter.getTime(),
    latestAtMs: row.latest.getTime(),
    counts: {
      issued: BigInt(row.issued),
      reserved: BigInt(row.reserved),
      used: BigInt(row.used),
      released: BigInt(row.released),
      cancelled: BigInt(row.cancelled),
      expired: BigInt(row.expired),
      restored: BigInt(row.restored),
      discountAmount: BigInt(row.discount_amount),
    },
  }));
}

type Int8 = bigint | string;
interface Row {
  readonly policy_id: Int8;
  readonly store_id: Int8 | null;
  readonly timezone: string;
  readonly quarter: Date;
  readonly latest: Date;
  readonly issued: Int8;
  readonly reserved: Int8;
  readonly used: Int8;
  readonly released: Int8;
  readonly cancelled: Int8;
  readonly expired: Int8;
  readonly restored: Int8;
  readonly discount_amount: Int8;
}
