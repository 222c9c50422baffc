import type { Audit } from '../../../../../platform/context.ts';
import { OVERDUE } from '../../../../../platform/postgres/overdue.ts';
import { couponAudit } from './coupon-audit.ts';

/**
 * The invariants of coupons after their issue. As in audits.ts, no constraint or index is relied on. Data that is
 * stored twice is joined as a whole and only rows without a counterpart are examined, so that a million coupons take
 * seconds.
 */
export const lifecycleAudits: readonly Audit[] = [
  couponAudit(
    'a coupon is RESERVED by exactly one PENDING reservation, USED by order by exactly one CONFIRMED, else by none',
    'reservations.sql',
  ),
  couponAudit(
    'while a server runs, no reservation holds its coupon for more than two periods of the scheduler after its end',
    'overdue-reservations.sql',
    OVERDUE,
  ),
  couponAudit(
    'no discount is above the amount of its order, and a used coupon gave what its reservation froze',
    'discounts.sql',
  ),
  couponAudit(
    'a coupon has a row of history for each version after its issue, and the last one gives its state',
    'history.sql',
  ),
  couponAudit(
    "a coupon takes a place of its user's limit unless it is CANCELLED, and only a CANCELLED one is returned",
    'slots.sql',
  ),
  couponAudit('a unique code issued one coupon at most, of its own policy', 'codes.sql'),
];
