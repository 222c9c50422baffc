import { arrayLiteral } from '../../../../../platform/postgres/array-literal.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import type { QuoteReader } from '../../../application/quote/ports.ts';
import type { Holding } from '../../../domain/issue/issue.ts';
import type { CouponTerms } from '../../../domain/lifecycle/coupon.ts';
import type { QuotableCoupon } from '../../../domain/lifecycle/quote.ts';
import { JOIN_EARLIER_TERMS } from '../kept-terms.ts';
import { COUPON_COLUMNS, type CouponRow, toCoupon } from '../lifecycle/lifecycle-mappings.ts';

/** The reservations that hold coupons of a user: at most some more than the limit of reservations, those of the last minute. */
const HELD = `
  held as (select coupon_id, expires_at from coupon.coupon_reservations where user_id = $1 and status = 'PENDING')`;

const FIND = `
  with ${HELD}
  select ${COUPON_COLUMNS}, held.expires_at as held_until
  from coupon.coupon_issues i join coupon.coupon_policies p on p.id = i.policy_id ${JOIN_EARLIER_TERMS}
    left join held on held.coupon_id = i.id
  where i.id = any($2::bigint[]) and i.user_id = $1`;

// As in the list of a user's coupons: found by the index of the user, and only the page is joined.
const USABLE = `
  with ${HELD}, mine as materialized (
    select i.*, held.expires_at as held_until
    from coupon.coupon_issues i left join held on held.coupon_id = i.id
    where i.user_id = $1 and i.expires_at > $2::timestamptz
      and (i.status = 'ISSUED' or (i.status = 'RESERVED' and held.expires_at <= $2))
  ), page as (
    select * from mine order by expires_at, id limit $3
  )
  select ${COUPON_COLUMNS}, i.held_until
  from page i join coupon.coupon_policies p on p.id = i.policy_id ${JOIN_EARLIER_TERMS}
  order by i.expires_at, i.id`;

const COUNT_HOLDS = `
  select count(*)::int as holds from coupon.coupon_reservations
  where user_id = $1 and status = 'PENDING' and expires_at > $2`;

const HOLDINGS = `
  select policy_id, id, sequence_no, slot from coupon.coupon_issues
  where user_id = $1 and policy_id = any($2::bigint[]) and slot is not null order by policy_id, slot`;

type QuotableRow = CouponRow & { readonly held_until: Date | null };

export function postgresQuoteReader({ pool }: Pick<Database, 'pool'>): QuoteReader {
  async function read(text: string, values: readonly unknown[]): Promise<readonly QuotableCoupon[]> {
    const { rows } = await pool.query<QuotableRow>(text, [...values]);
    const terms = new Map<string, CouponTerms>();
    return rows.map((row) => ({ coupon: toCoupon(row, terms), heldUntilMs: row.held_until?.getTime() ?? null }));
  }

  return {
    find: async (userId, couponIds) =>
      couponIds.length === 0 ? [] : await read(FIND, [userId, arrayLiteral(couponIds)]),

    usable: (userId, now, limit) => read(USABLE, [userId, now, limit]),

    async countHolds(userId, now) {
      const { rows } = await pool.query<{ holds: number }>(COUNT_HOLDS, [userId, now]);
      return rows[0]?.holds ?? 0;
    },

    async holdings(userId, policyIds) {
      if (policyIds.length === 0) return new Map();
      const { rows } = await pool.query<HoldingRow>(HOLDINGS, [userId, arrayLiteral(policyIds)]);
      const found = new Map<bigint, Holding[]>();
      for (const { policy_id, id, sequence_no, slot } of rows) {
        found.set(policy_id, [...(found.get(policy_id) ?? []), { couponId: id, sequenceNo: sequence_no, slot }]);
      }
      return found;
    },
  };
}

interface HoldingRow {
  readonly policy_id: bigint;
  readonly id: bigint;
  readonly sequence_no: number;
  readonly slot: number;
}
