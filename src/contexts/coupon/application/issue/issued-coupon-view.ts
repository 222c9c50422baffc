import type { Coupon } from '../../api.ts';
import type { NewCoupon } from '../../domain/issue/issue.ts';

/** The view of a coupon right after its issue. */
export const toIssuedCouponView = (coupon: NewCoupon): Coupon => ({
  id: coupon.couponId,
  policyId: coupon.policyId,
  userId: coupon.userId,
  status: 'ISSUED',
  sequenceNo: coupon.sequenceNo,
  code: coupon.code,
  issuedAt: new Date(coupon.issuedAtMs),
  expiresAt: new Date(coupon.expiresAtMs),
  usedAt: undefined,
  reservedAt: undefined,
  reservationId: undefined,
  orderId: undefined,
  termsVersion: coupon.termsVersion,
});
