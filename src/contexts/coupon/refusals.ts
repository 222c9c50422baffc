import type { Refusal, RefusalTable } from '../../platform/kernel/refusal.ts';
import { type RefusalCode, refuseFrom } from '../../platform/kernel/refuse.ts';
import type { STORE_REFUSALS } from '../store/api.ts';

/** The refusals that only this context declares: status for HTTP and gRPC, details, and texts. */
export const COUPON_REFUSALS = {
  POLICY_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Coupon policy not found', detail: 'There is no coupon policy with this id.' },
    ko: { title: '쿠폰 정책을 찾을 수 없습니다', detail: '해당 ID의 쿠폰 정책이 없습니다.' },
  },
  POLICY_INACTIVE: {
    http: 400,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Coupon policy is not active', detail: 'This coupon is not being issued at the moment.' },
    ko: { title: '활성 상태의 쿠폰 정책이 아닙니다', detail: '지금은 이 쿠폰을 발급하지 않습니다.' },
  },
  POLICY_NOT_STARTED: {
    http: 400,
    grpc: 'FAILED_PRECONDITION',
    details: { validFrom: 'string' },
    en: { title: 'Not open yet', detail: 'Issuing opens at {validFrom}.' },
    ko: { title: '아직 시작되지 않았습니다', detail: '발급은 {validFrom}에 시작됩니다.' },
  },
  POLICY_ENDED: {
    http: 410,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Coupon policy has ended', detail: 'This coupon is no longer issued.' },
    ko: { title: '종료된 쿠폰 정책입니다', detail: '이 쿠폰은 더 이상 발급되지 않습니다.' },
  },
  POLICY_SUSPENDED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: {
      title: 'Coupon policy is suspended',
      detail: 'Its coupons can be neither issued nor used until this is lifted.',
    },
    ko: { title: '중지된 쿠폰 정책입니다', detail: '중지가 해제될 때까지 이 쿠폰을 발급받거나 사용할 수 없습니다.' },
  },
  DUPLICATE_COUPON_CODE: {
    http: 409,
    grpc: 'ALREADY_EXISTS',
    en: { title: 'Coupon code is taken', detail: 'Another policy has this code. Choose another one.' },
    ko: {
      title: '이미 사용 중인 쿠폰 코드입니다',
      detail: '다른 정책이 이 코드를 사용하고 있습니다. 다른 코드를 선택하세요.',
    },
  },
  COUPON_ALREADY_ISSUED: {
    http: 409,
    grpc: 'ALREADY_EXISTS',
    details: { couponId: 'string', sequenceNo: 'number' },
    en: { title: 'Coupon already issued', detail: 'This user has coupon {couponId} of this policy.' },
    ko: { title: '이미 발급받은 쿠폰입니다', detail: '이 사용자는 이 정책의 쿠폰 {couponId}을(를) 가지고 있습니다.' },
  },
  COUPON_ISSUE_LIMIT_EXCEEDED: {
    http: 429,
    grpc: 'RESOURCE_EXHAUSTED',
    details: { couponId: 'string', sequenceNo: 'number', limit: 'number' },
    en: { title: 'Issue limit reached', detail: 'This user already has {limit} coupons, the limit per user.' },
    ko: { title: '발급 한도를 초과했습니다', detail: '이 사용자는 1인당 최대 수량인 {limit}장을 모두 발급받았습니다.' },
  },
  COUPON_SOLD_OUT: {
    http: 410,
    grpc: 'RESOURCE_EXHAUSTED',
    en: { title: 'Sold out', detail: 'All coupons of this policy have been issued.' },
    ko: { title: '쿠폰이 모두 소진되었습니다', detail: '이 정책의 쿠폰이 모두 발급되었습니다.' },
  },
  COUPON_NOT_AVAILABLE: {
    http: 400,
    grpc: 'FAILED_PRECONDITION',
    details: { distributionType: 'string?', couponStatus: 'string?' },
    en: { title: 'Not available on this route', detail: 'This coupon cannot be issued or used on this route.' },
    ko: { title: '이 방법으로 이용할 수 없습니다', detail: '이 경로로는 발급받거나 사용할 수 없는 쿠폰입니다.' },
  },
  COUPON_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Coupon not found', detail: 'This user has no coupon with this id.' },
    ko: { title: '쿠폰을 찾을 수 없습니다', detail: '이 사용자에게 해당 ID의 쿠폰이 없습니다.' },
  },
  COUPON_CODE_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Coupon code not found', detail: 'No coupon is available for this code. Check its spelling.' },
    ko: { title: '쿠폰 코드를 찾을 수 없습니다', detail: '사용할 수 없는 코드입니다. 입력한 코드를 확인하세요.' },
  },
  COUPON_ALREADY_USED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'Coupon already used', detail: 'This coupon or code has been used.' },
    ko: { title: '이미 사용된 쿠폰입니다', detail: '이 쿠폰 또는 코드는 이미 사용되었습니다.' },
  },
  COUPON_EXPIRED: {
    http: 410,
    grpc: 'FAILED_PRECONDITION',
    details: { expiresAt: 'string' },
    en: { title: 'Coupon has expired', detail: 'It was valid until {expiresAt}.' },
    ko: { title: '만료된 쿠폰입니다', detail: '{expiresAt}까지 사용할 수 있었습니다.' },
  },
  COUPON_NOT_STACKABLE: {
    http: 422,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'One coupon per order', detail: 'This order already has another coupon.' },
    ko: { title: '쿠폰을 함께 사용할 수 없습니다', detail: '이 주문에는 이미 다른 쿠폰이 적용되어 있습니다.' },
  },
  COUPON_NOT_APPLICABLE: {
    http: 422,
    grpc: 'FAILED_PRECONDITION',
    details: { reason: 'string' },
    en: { title: 'Coupon does not apply', detail: 'This coupon takes nothing off the order. {reason}' },
    ko: {
      title: '적용할 수 없는 쿠폰입니다',
      detail: '이 주문에는 쿠폰을 적용할 수 없습니다. 주문 금액과 쿠폰의 사용 조건을 확인하세요.',
    },
  },
  MINIMUM_ORDER_NOT_MET: {
    http: 400,
    grpc: 'FAILED_PRECONDITION',
    details: { minimumOrderAmount: 'number' },
    en: { title: 'Order is too small', detail: 'This coupon needs an order of at least {minimumOrderAmount}.' },
    ko: {
      title: '최소 주문 금액에 미달합니다',
      detail: '이 쿠폰은 {minimumOrderAmount} 이상 주문 시 사용할 수 있습니다.',
    },
  },
  RESERVATION_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Reservation not found', detail: 'There is no reservation with this id.' },
    ko: { title: '예약을 찾을 수 없습니다', detail: '해당 ID의 예약이 없습니다.' },
  },
  RESERVATION_EXPIRED: {
    http: 410,
    grpc: 'FAILED_PRECONDITION',
    details: { expiresAt: 'string' },
    en: { title: 'Reservation has expired', detail: 'It ended at {expiresAt}. Reserve the coupon again.' },
    ko: { title: '예약이 만료되었습니다', detail: '{expiresAt}까지 유효했던 예약입니다. 쿠폰을 다시 예약하세요.' },
  },
  RESERVATION_CONFLICT: {
    http: 409,
    grpc: 'ABORTED',
    details: { reason: 'string' },
    en: { title: 'Conflicts with a reservation', detail: '{reason}' },
    ko: {
      title: '예약과 충돌합니다',
      detail: '쿠폰의 예약 상태 때문에 처리할 수 없습니다. 예약을 확인한 후 다시 시도하세요.',
    },
  },
  RESERVATIONS_NOT_COUNTED: {
    http: 409,
    grpc: 'ABORTED',
    en: {
      title: 'Reservations are being counted',
      detail: 'Other reservations of this user are being made at the same time. Try again.',
    },
    ko: {
      title: '예약 수를 확인하고 있습니다',
      detail: '이 사용자의 다른 예약이 동시에 처리되고 있습니다. 다시 시도하세요.',
    },
  },
  JOB_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'Job not found', detail: 'There is no job with this id.' },
    ko: { title: '작업을 찾을 수 없습니다', detail: '해당 ID의 작업이 없습니다.' },
  },
  CONCURRENT_MODIFICATION: {
    http: 409,
    grpc: 'ABORTED',
    details: { currentIssuedCount: 'number' },
    en: {
      title: 'More coupons are issued already',
      detail: '{currentIssuedCount} coupons are issued; the limit cannot be lower.',
    },
    ko: {
      title: '이미 더 많이 발급되었습니다',
      detail: '이미 {currentIssuedCount}장이 발급되어 한도를 그보다 낮출 수 없습니다.',
    },
  },
} as const satisfies RefusalTable;

export type CouponRefusalCode = RefusalCode<typeof COUPON_REFUSALS>;
export type CouponRefusal = Refusal<CouponRefusalCode>;

/** Makes a refusal of this context. */
export const refuse = refuseFrom<typeof COUPON_REFUSALS & Pick<typeof STORE_REFUSALS, 'STORE_NOT_OPEN'>>();
