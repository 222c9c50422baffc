import type pg from 'pg';
import type {
  Coupon,
  CouponState,
  CouponTerms,
  Reservation,
  ReservationStatus,
} from '../../../domain/lifecycle/coupon.ts';
import type { StockedPolicy } from '../../../domain/lifecycle/lifecycle-decision.ts';
import type { PolicyStatus } from '../../../domain/policy/policy.ts';
import type { DiscountType } from '../../../domain/policy/policy-terms.ts';

export interface CouponRow extends pg.QueryResultRow {
  id: bigint;
  user_id: bigint;
  policy_id: bigint;
  sequence_no: number;
  code: string | null;
  issued_at: Date;
  expires_at: Date;
  version: number;
  status: CouponState['status'];
  returned: boolean;
  reserved_at: Date | null;
  used_at: Date | null;
  reservation_id: string | null;
  order_id: string | null;
  discount_amount: bigint | null;
  name: string;
  store_id: bigint | null;
  timezone: string;
  discount_type: DiscountType;
  discount_value: bigint;
  minimum_order_amount: bigint;
  max_discount_amount: bigint | null;
  restore_on_refund: boolean;
  created_by: bigint;
}

/** Coupons of one policy share one object with its terms. */
export function toCoupon(row: CouponRow, terms: Map<bigint, CouponTerms>): Coupon {
  let sharedTerms = terms.get(row.policy_id);
  if (!sharedTerms) {
    sharedTerms = toTerms(row);
    terms.set(row.policy_id, sharedTerms);
  }
  return {
    id: row.id,
    userId: row.user_id,
    terms: sharedTerms,
    sequenceNo: row.sequence_no,
    code: row.code,
    issuedAtMs: row.issued_at.getTime(),
    expiresAtMs: row.expires_at.getTime(),
    version: row.version,
    state: toState(row),
  };
}

const toTerms = (row: CouponRow): CouponTerms => ({
  policyId: row.policy_id,
  name: row.name,
  storeId: row.store_id,
  timezone: row.timezone,
  discountType: row.discount_type,
  discountValue: row.discount_value,
  minimumOrderAmount: row.minimum_order_amount,
  maxDiscountAmount: row.max_discount_amount,
  restoreOnRefund: row.restore_on_refund,
  createdBy: row.created_by,
});

function toState(row: CouponRow): CouponState {
  const { reservation_id: reservationId, order_id: orderId } = row;
  const reservedAtMs = row.reserved_at?.getTime() ?? 0;
  switch (row.status) {
    case 'ISSUED':
    case 'EXPIRED':
      return { status: row.status };
    case 'CANCELLED':
      return { status: 'CANCELLED', returned: row.returned };
    case 'RESERVED':
      if (reservationId === null) break;
      return { status: 'RESERVED', reservationId, orderId, reservedAtMs };
    case 'USED': {
      const reservation = reservationId === null ? null : { id: reservationId, reservedAtMs };
      const usedAtMs = row.used_at?.getTime() ?? 0;
      return { status: 'USED', reservation, orderId, usedAtMs, discountAmount: row.discount_amount ?? 0n };
    }
    default:
  }
  throw new Error(`coupon ${row.id} has an unknown status: ${row.status}`);
}

export interface ReservationRow extends pg.QueryResultRow {
  id: string;
  coupon_id: bigint;
  user_id: bigint;
  order_id: string | null;
  order_amount: bigint;
  discount_amount: bigint;
  status: ReservationStatus;
  reserved_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  confirmation_failed: boolean;
}

export const toReservation = (row: ReservationRow): Reservation => ({
  id: row.id,
  couponId: row.coupon_id,
  userId: row.user_id,
  orderId: row.order_id,
  orderAmount: row.order_amount,
  discountAmount: row.discount_amount,
  status: row.status,
  reservedAtMs: row.reserved_at.getTime(),
  expiresAtMs: row.expires_at.getTime(),
  endedAtMs: row.ended_at?.getTime() ?? null,
  confirmationFailed: row.confirmation_failed,
});

export interface StockedPolicyRow extends pg.QueryResultRow {
  id: bigint;
  name: string;
  store_id: bigint | null;
  valid_from: Date;
  valid_until: Date;
  status: PolicyStatus;
  current_issue_count: number;
  refusal_epoch: number;
}

export const toStockedPolicy = (row: StockedPolicyRow): StockedPolicy => ({
  id: row.id,
  name: row.name,
  storeId: row.store_id,
  validFromMs: row.valid_from.getTime(),
  validUntilMs: row.valid_until.getTime(),
  status: row.status,
  issuedCount: row.current_issue_count,
  refusalEpoch: row.refusal_epoch,
});
