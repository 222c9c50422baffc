import { getTableColumns } from 'drizzle-orm';
import { computed, millis, shared } from '../../../../../platform/postgres/mapped-fields.ts';
import { type RowOf, tableMapping } from '../../../../../platform/postgres/table-mapping.ts';
import type { Coupon, CouponTerms } from '../../../domain/lifecycle/coupon.ts';
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
  state: couponState,
});
export const COUPON_CHANGE = tableMapping(couponIssues, {
  id: couponIssues.id,
  version: couponIssues.version,
  state: couponState,
  slot: computed(couponIssues.slot, (row) => `case when ${row}status = 'CANCELLED' then null else i.slot end`),
});

export const TERMS = tableMapping(couponPolicies, {
  name: couponPolicies.name,
  storeId: couponPolicies.storeId,
  timezone: couponPolicies.timezone,
  discountType: couponPolicies.discountType,
  discountValue: couponPolicies.discountValue,
  minimumOrderAmount: couponPolicies.minimumOrderAmount,
  maxDiscountAmount: couponPolicies.maxDiscountAmount,
  restoreOnRefund: couponPolicies.restoreOnRefund,
});

export type CouponRow = RowOf<typeof COUPON> & RowOf<typeof TERMS>;

/** Coupons of one policy share one object with its terms. */
export function toCoupon(row: CouponRow, terms: Map<bigint, CouponTerms>): Coupon {
  const policyId: bigint = row['policy_id'];
  let sharedTerms = terms.get(policyId);
  if (!sharedTerms) {
    sharedTerms = TERMS.read(row, { policyId });
    terms.set(policyId, sharedTerms);
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
