import { group, millis } from '../../../../../platform/postgres/mapped-fields.ts';
import type { CouponState } from '../../../domain/lifecycle/coupon.ts';
import { couponIssues } from '../schema.ts';

/** The columns of a coupon's state. */
interface StateColumns {
  readonly status: CouponState['status'];
  readonly returned: boolean;
  readonly reservedAtMs: number | null;
  readonly usedAtMs: number | null;
  readonly reservationId: string | null;
  readonly orderId: string | null;
  readonly discountAmount: bigint | null;
}

export const couponState = group(
  {
    status: couponIssues.status,
    returned: couponIssues.returned,
    reservedAtMs: millis(couponIssues.reservedAt),
    usedAtMs: millis(couponIssues.usedAt),
    reservationId: couponIssues.reservationId,
    orderId: couponIssues.orderId,
    discountAmount: couponIssues.discountAmount,
  },
  toState,
  stateColumns,
);

function toState({ status, returned, orderId, reservationId, ...columns }: StateColumns): CouponState {
  const reservedAtMs = columns.reservedAtMs ?? 0;
  switch (status) {
    case 'ISSUED':
    case 'EXPIRED':
      return { status };
    case 'CANCELLED':
      return { status, returned };
    case 'RESERVED':
      if (reservationId === null) break;
      return { status, reservationId, orderId, reservedAtMs };
    case 'USED': {
      const reservation = reservationId === null ? null : { id: reservationId, reservedAtMs };
      return {
        status,
        reservation,
        orderId,
        usedAtMs: columns.usedAtMs ?? 0,
        discountAmount: columns.discountAmount ?? 0n,
      };
    }
    default:
  }
  throw new Error(`a coupon has an unknown state: ${status}`);
}

const NONE = {
  returned: false,
  reservedAtMs: null,
  usedAtMs: null,
  reservationId: null,
  orderId: null,
  discountAmount: null,
};

function stateColumns(state: CouponState): StateColumns {
  const { status } = state;
  switch (state.status) {
    case 'RESERVED': {
      const { reservationId, orderId, reservedAtMs } = state;
      return { ...NONE, status, reservationId, orderId, reservedAtMs };
    }
    case 'USED': {
      const { reservation, orderId, usedAtMs, discountAmount } = state;
      const reserved = { reservationId: reservation?.id ?? null, reservedAtMs: reservation?.reservedAtMs ?? null };
      return { ...NONE, ...reserved, status, orderId, usedAtMs, discountAmount };
    }
    case 'CANCELLED':
      return { ...NONE, status, returned: state.returned };
    default:
      return { ...NONE, status };
  }
}
