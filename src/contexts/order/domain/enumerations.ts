/** How an order ends without being paid. */
export const ENDINGS = ['CANCELLED', 'EXPIRED', 'FAILED'] as const;

export const ORDER_STATUSES = ['PENDING', 'RESERVED', 'PAID', 'REFUNDED', ...ENDINGS] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** The calls to other contexts and to the provider that an order needs. */
export const ORDER_STEPS = [
  'RESERVE_COUPON',
  'HOLD_POINTS',
  'TAKE_MONEY',
  'CONFIRM_COUPON',
  'CAPTURE_POINTS',
  'RELEASE_POINTS',
  'RELEASE_COUPON',
] as const;
export type OrderStep = (typeof ORDER_STEPS)[number];

export const PAYMENT_METHODS = ['POINTS', 'EXTERNAL'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

/**
 * PENDING: requested. COMPLETED: paid. FAILED: given up; money that still arrives is refunded. REFUNDED: all of the money was
 * returned.
 */
export const PAYMENT_STATUSES = ['PENDING', 'COMPLETED', 'FAILED', 'REFUNDED'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** What a refund returns, in this order. */
export const REFUND_STEPS = ['MONEY', 'POINTS', 'COUPON'] as const;
export type RefundStep = (typeof REFUND_STEPS)[number];

/** The status of a refund that readers see. PENDING: it has a next step. */
export const REFUND_STATUSES = ['PENDING', 'DONE'] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];

export const PRODUCT_STATUSES = ['ON_SALE', 'SOLD_OUT', 'HIDDEN'] as const;
export type ProductStatus = (typeof PRODUCT_STATUSES)[number];

/** The status of a time sale by the clock. */
export const TIME_SALE_STATUSES = ['SCHEDULED', 'ACTIVE', 'SOLD_OUT', 'ENDED'] as const;
export type TimeSaleStatus = (typeof TIME_SALE_STATUSES)[number];

/** Which of the times of a time sale have been published. */
export const ANNOUNCED = ['SCHEDULED', 'STARTED', 'ENDED'] as const;
export type Announced = (typeof ANNOUNCED)[number];
