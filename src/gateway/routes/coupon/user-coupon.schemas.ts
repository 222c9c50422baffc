import { z } from 'zod';
import { COUPON_STATUSES, DISCOUNT_TYPES, type UserCoupon } from '../../../contexts/coupon/api.ts';
import { oneOf } from '../../server/one-of.ts';
import { IdText, InstantText, instantOrNull, requiredInstant, UserIdText } from '../../server/schemas.ts';
import { DiscountType, discountJson } from './coupon-policy.schemas.ts';

export const CouponStatus = z.enum(COUPON_STATUSES).meta({ id: 'CouponStatus' });

/** The fields of every view of an issued coupon. */
export const COUPON_STATE_FIELDS = {
  status: CouponStatus,
  sequenceNo: z.int(),
  issuedAt: InstantText,
  expiresAt: InstantText,
  reservedAt: InstantText.nullable(),
  usedAt: InstantText.nullable(),
  reservationId: z.string().nullable(),
  orderId: z.string().nullable(),
};

/** A coupon for its owner, with its discount. */
export const UserCouponView = z
  .strictObject({
    couponId: IdText,
    couponPolicyId: IdText,
    ...UserIdText,
    couponName: z.string(),
    couponCode: z.string().nullable(),
    discountType: DiscountType,
    discountValue: z.number(),
    minimumOrderAmount: z.int(),
    maxDiscountAmount: z.int().nullable(),
    ...COUPON_STATE_FIELDS,
  })
  .meta({ id: 'UserCoupon' });
export type UserCouponJson = z.input<typeof UserCouponView>;

export const USER_COUPON_EXAMPLE: UserCouponJson = {
  couponId: '7330011234567891',
  couponPolicyId: '7330011234567890',
  userId: '1001',
  couponName: 'Opening day, 3,000 won off',
  couponCode: null,
  discountType: 'FIXED_AMOUNT',
  discountValue: 3000,
  minimumOrderAmount: 10000,
  maxDiscountAmount: null,
  status: 'ISSUED',
  sequenceNo: 1,
  issuedAt: '2035-01-01T01:00:00.123Z',
  expiresAt: '2035-01-31T01:00:00.123Z',
  reservedAt: null,
  usedAt: null,
  reservationId: null,
  orderId: null,
};

export function userCouponJson(shown: UserCoupon): UserCouponJson {
  const { coupon, maxDiscountAmount } = shown;
  if (coupon === undefined) throw new Error('the coupon context returned a user coupon without its coupon');
  return {
    couponId: String(coupon.id),
    couponPolicyId: String(coupon.policyId),
    userId: String(coupon.userId),
    couponName: shown.name,
    couponCode: coupon.code ?? null,
    discountType: oneOf(DISCOUNT_TYPES, shown.discountType),
    discountValue: discountJson(shown.discountType, shown.discountValue),
    minimumOrderAmount: Number(shown.minimumOrderAmount),
    maxDiscountAmount: maxDiscountAmount === undefined ? null : Number(maxDiscountAmount),
    status: oneOf(COUPON_STATUSES, coupon.status),
    sequenceNo: coupon.sequenceNo,
    issuedAt: requiredInstant(coupon.issuedAt),
    expiresAt: requiredInstant(coupon.expiresAt),
    reservedAt: instantOrNull(coupon.reservedAt),
    usedAt: instantOrNull(coupon.usedAt),
    reservationId: coupon.reservationId ?? null,
    orderId: coupon.orderId ?? null,
  };
}
