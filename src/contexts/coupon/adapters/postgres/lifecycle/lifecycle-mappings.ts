import { getTableColumns } from 'drizzle-orm';
import { computed, converted, millis, shared } from '../../../../../platform/postgres/mapped-fields.ts';
import { type RowOf, tableMapping } from '../../../../../platform/postgres/table-mapping.ts';
import type { Coupon, CouponTerms } from '../../../domain/lifecycle/coupon.ts';
import { type EffectiveVersion, KEPT_COLUMNS, KEPT_TERMS } from '../kept-terms.ts';
import { isPresent } from '../policy/policy-mappings.ts';
import { couponHistory, couponIssues, couponPolicies, couponReservations } from '../schema.ts';
import { couponState } from './coupon-state.ts';

export const COUPON = tableMapping(couponIssues, {
  id: couponIssues.id,
  userId: couponIssues.userId,
  policyId: couponIssues.policyId,
  sequenceNo: couponIssues.sequenceNo,
  code: couponIssues.code,
  issuedAtMs: millis(couponIssues.issuedAt),
  expiresAtMs: millis(couponIssues.expiresAt),
  version: couponIssues.version,
  termsVersion: couponIssues.termsVersion,
  state: couponState,
});
export const COUPON_CHANGE = tableMapping(couponIssues, {
  id: couponIssues.id,
  version: couponIssues.version,
  state: couponState,
  slot: computed(couponIssues.slot, (row) => `case when ${row}status = 'CANCELLED' then null else i.slot end`),
});

/** What a coupon has of its policy, whatever the version of its terms. */
const OF_POLICY = tableMapping(couponPolicies, {
  name: couponPolicies.name,
  storeId: couponPolicies.storeId,
  timezone: couponPolicies.timezone,
  restoreOnRefund: couponPolicies.restoreOnRefund,
  isSuspended: isPresent(couponPolicies.suspensionReason),
});

/** For SELECT, of a coupon `i` and its policy `p`. Goes with JOIN_EARLIER_TERMS. */
export const COUPON_COLUMNS = `${COUPON.columns('i')}, ${OF_POLICY.columns('p')}, ${KEPT_COLUMNS}`;

export type CouponRow = RowOf<typeof COUPON> & RowOf<typeof OF_POLICY> & RowOf<typeof KEPT_TERMS> & EffectiveVersion;

/** Coupons of one policy with the same version of its terms share one object. */
export function toCoupon(row: CouponRow, terms: Map<string, CouponTerms>): Coupon {
  const policyId: bigint = row['policy_id'];
  const key = `${policyId} ${row.effective_version}`;
  let sharedTerms = terms.get(key);
  if (!sharedTerms) {
    sharedTerms = OF_POLICY.read(row, KEPT_TERMS.read(row, { policyId }));
    terms.set(key, sharedTerms);
  }
  return COUPON.read(row, { terms: sharedTerms });
}

const { reservedAt, expiresAt, endedAt, ...reservation } = getTableColumns(couponReservations);
const reservationChange = {
  status: reservation.status,
  reservedAtMs: millis(reservedAt),
  expiresAtMs: millis(expiresAt),
  endedAtMs: millis(endedAt),
  confirmationFailed: reservation.confirmationFailed,
};
const { status, confirmationFailed, ...fixed } = reservation;
export const RESERVATION = tableMapping(couponReservations, { ...fixed, ...reservationChange });
export const RESERVATION_CHANGE = tableMapping(couponReservations, reservationChange);

const { groupId, at, ...step } = getTableColumns(couponHistory);
/** A step. The batch and the time are those of all its rows. */
export const HISTORY = tableMapping(couponHistory, { ...step, groupId: shared(groupId), atMs: shared(millis(at)) });

/** A coupon that was used for an order without a reservation. */
export const DIRECT_USE = tableMapping(couponIssues, {
  couponId: couponIssues.id,
  userId: couponIssues.userId,
  // Not null: the statement selects no others.
  orderId: converted(
    couponIssues.orderId,
    (orderId) => orderId as string,
    (orderId) => orderId,
  ),
});

/** A policy whose stock a withdrawal may change. */
export const STOCKED_POLICY = tableMapping(couponPolicies, {
  id: couponPolicies.id,
  name: couponPolicies.name,
  storeId: couponPolicies.storeId,
  validFromMs: millis(couponPolicies.validFrom),
  validUntilMs: millis(couponPolicies.validUntil),
  status: couponPolicies.status,
  issuedCount: couponPolicies.currentIssueCount,
  refusalEpoch: couponPolicies.refusalEpoch,
});
/** What a withdrawal changes. */
export const POLICY_STOCK = tableMapping(couponPolicies, {
  id: couponPolicies.id,
  issuedCount: couponPolicies.currentIssueCount,
  status: couponPolicies.status,
  refusalEpoch: couponPolicies.refusalEpoch,
});
