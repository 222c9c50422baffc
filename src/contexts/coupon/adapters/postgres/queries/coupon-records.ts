import type { Database } from '../../../../../platform/postgres/database.ts';
import { millis } from '../../../../../platform/postgres/mapped-fields.ts';
import { type RowOf, tableMapping } from '../../../../../platform/postgres/table-mapping.ts';
import type { CouponRecords } from '../../../application/queries/ports.ts';
import { JOIN_EARLIER_TERMS } from '../kept-terms.ts';
import { COUPON_COLUMNS, type CouponRow, RESERVATION, toCoupon } from '../lifecycle/lifecycle-mappings.ts';
import { couponHistory } from '../schema.ts';

const FIND = `
  select ${COUPON_COLUMNS}
  from coupon.coupon_issues i join coupon.coupon_policies p on p.id = i.policy_id ${JOIN_EARLIER_TERMS}
  where i.id = $1`;

const STEP = tableMapping(couponHistory, {
  kind: couponHistory.kind,
  atMs: millis(couponHistory.at),
  reason: couponHistory.reason,
  reservationId: couponHistory.reservationId,
  orderId: couponHistory.orderId,
  discountAmount: couponHistory.discountAmount,
  changedBy: couponHistory.changedBy,
  note: couponHistory.note,
});
const STEPS = `
  select ${STEP.columns('h')} from coupon.coupon_history h where h.coupon_id = $1 order by h.version desc limit $2`;

const RESERVATIONS = `
  select ${RESERVATION.columns('r')} from coupon.coupon_reservations r where r.id = any($1::text[])`;

export function postgresCouponRecords({ pool }: Pick<Database, 'pool'>): CouponRecords {
  return {
    async find(couponId) {
      const [row] = (await pool.query<CouponRow>(FIND, [couponId])).rows;
      return row && toCoupon(row, new Map());
    },
    async steps(couponId, limit) {
      const { rows } = await pool.query<RowOf<typeof STEP>>(STEPS, [couponId, limit]);
      return rows.map((row) => STEP.read(row));
    },
    async reservations(ids) {
      const { rows } = await pool.query<RowOf<typeof RESERVATION>>(RESERVATIONS, [ids]);
      return rows.map((row) => RESERVATION.read(row));
    },
  };
}
