export const POLICY_STATUSES = ['PENDING', 'ACTIVE', 'PAUSED', 'EXHAUSTED', 'ENDED'] as const;
export type PolicyStatus = (typeof POLICY_STATUSES)[number];

export const DISCOUNT_TYPES = ['FIXED_AMOUNT', 'PERCENTAGE'] as const;
export type DiscountType = (typeof DISCOUNT_TYPES)[number];

export const DISTRIBUTION_TYPES = ['CODE', 'DOWNLOAD', 'FIRST_COME', 'EVENT', 'DIRECT'] as const;
export type DistributionType = (typeof DISTRIBUTION_TYPES)[number];

export const COUPON_STATUSES = ['ISSUED', 'RESERVED', 'USED', 'EXPIRED', 'CANCELLED'] as const;
export type CouponStatus = (typeof COUPON_STATUSES)[number];

/** Which of a user's coupons are listed. */
export const COUPON_FILTERS = ['AVAILABLE', 'UNUSED', 'USED', 'EXPIRED'] as const;
export type CouponFilter = (typeof COUPON_FILTERS)[number];

/** Who reserves: the checkout of the order context, a machine or an administrator, or the customer. In the order in which a payment finds them. */
export const RESERVATION_ORIGINS = ['CHECKOUT', 'SERVICE', 'CUSTOMER'] as const;
export type ReservationOrigin = (typeof RESERVATION_ORIGINS)[number];

export const RESERVATION_STATUSES = ['PENDING', 'CONFIRMED', 'CANCELLED', 'EXPIRED'] as const;
export type ReservationStatus = (typeof RESERVATION_STATUSES)[number];

export const JOB_KINDS = ['GENERATE_CODES', 'IMPORT_CODES', 'DIRECT_ISSUE', 'WITHDRAW_COUPONS'] as const;
export type JobKindName = (typeof JOB_KINDS)[number];

export const JOB_STATUSES = ['OPEN', 'QUEUED', 'RUNNING', 'DONE', 'FAILED'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
