import { z } from 'zod';
import {
  CART_LINES_MAX,
  COUPON_STATUSES,
  type Coupon,
  DISCOUNT_TYPES,
  ORDER_ID_MAX,
  REASON_MAX,
  RESERVATION_ID_MAX,
  RESERVATION_STATUSES,
  type Reservation,
  type Reserved,
} from '../../../contexts/coupon/api.ts';
import { oneOf } from '../../server/one-of.ts';
import {
  BodyId,
  BodyUserId,
  IdText,
  InstantText,
  instantOrNull,
  PathId,
  plainText,
  requiredInstant,
  UserIdText,
} from '../../server/schemas.ts';
import { DiscountType, discountJson } from './coupon-policy.schemas.ts';
import { COUPON_STATE_FIELDS } from './user-coupon.schemas.ts';

/** Of whatever takes a coupon of a user for an order. */
export const USE_REFUSALS = [
  'COUPON_NOT_FOUND',
  'COUPON_EXPIRED',
  'COUPON_ALREADY_USED',
  'COUPON_NOT_AVAILABLE',
  'COUPON_NOT_STACKABLE',
  'COUPON_NOT_APPLICABLE',
  'POLICY_SUSPENDED',
  'MINIMUM_ORDER_NOT_MET',
  'RESERVATION_CONFLICT',
] as const;

const ReservationId = plainText(RESERVATION_ID_MAX)
  .min(1)
  .meta({ description: 'Chosen by the caller', examples: ['checkout-1001-1'] });
export const OrderAmount = z
  .int()
  .positive()
  .transform(BigInt)
  .meta({ description: 'Smallest unit', examples: [32000] });
const OrderId = plainText(ORDER_ID_MAX)
  .min(1)
  .meta({ examples: ['order-5001'] });

export const OneCoupon = z.strictObject({ couponId: PathId });
export const OneReservation = z.strictObject({ reservationId: ReservationId });
const CartLine = z
  .strictObject({
    storeId: BodyId.nullish().meta({ description: 'The store that sells it; null = the platform' }),
    productId: BodyId.optional(),
    amount: OrderAmount.meta({ description: 'Price of all its units; smallest unit' }),
  })
  .transform((line) => ({ ...line, storeId: line.storeId ?? undefined }))
  .meta({ id: 'CartLine' });
export const CartLines = z.array(CartLine).min(1).max(CART_LINES_MAX);
const CART = {
  orderAmount: OrderAmount.optional().meta({
    description: 'Smallest unit. With `lines` it may be left out, and is their sum',
  }),
  lines: CartLines.optional().meta({
    description: 'What is ordered. The coupon of a store needs it, because it is for the lines of that store',
  }),
};

/**
 * The amount of an order: as it was sent, or the sum of the lines. Adds an issue when both were sent and differ, and when the sum is more
 * than JSON represents exactly.
 */
export function amountOf(
  { orderAmount, lines }: { orderAmount?: bigint | undefined; lines?: readonly { amount: bigint }[] | undefined },
  context: z.RefinementCtx,
): bigint | undefined {
  const sum = lines?.reduce((total, { amount }) => total + amount, 0n);
  if (sum !== undefined && sum > BigInt(Number.MAX_SAFE_INTEGER))
    context.addIssue({ code: 'custom', path: ['lines'], message: 'must cost at most 2^53 - 1 together' });
  if (orderAmount !== undefined && sum !== undefined && orderAmount !== sum) {
    context.addIssue({ code: 'custom', path: ['orderAmount'], message: 'must be the sum of the lines' });
  }
  return sum ?? orderAmount;
}

export const ReserveBody = z
  .strictObject({
    reservationId: ReservationId,
    userId: BodyUserId.optional(),
    couponId: BodyId,
    ...CART,
    orderId: OrderId.optional(),
  })
  .transform((body, context) => {
    const orderAmount = amountOf(body, context);
    if (orderAmount !== undefined) return { ...body, orderAmount, lines: body.lines ?? [] };
    context.addIssue({ code: 'custom', path: ['orderAmount'], message: 'is required without lines' });
    return z.NEVER;
  })
  .meta({ id: 'ReserveCouponRequest' });
export const RESERVE_EXAMPLE = {
  reservationId: 'checkout-1001-1',
  userId: '1001',
  couponId: '7330011234567891',
  lines: [{ storeId: '7330011234567000', productId: '7330011234567892', amount: 32000 }],
  orderId: 'order-5001',
};
export const UseBody = z
  .strictObject({ orderId: OrderId.optional(), ...CART })
  .transform((body, context) => ({ ...body, orderAmount: amountOf(body, context), lines: body.lines ?? [] }))
  .optional();
export const CancelBody = z
  .strictObject({
    reason: plainText(REASON_MAX).optional(),
    returnStock: z.boolean().optional().meta({ description: 'Makes its place in maxIssueCount available again' }),
    orderCancelled: z.boolean().optional().meta({ description: 'Withdraws a reserved coupon, too' }),
  })
  .optional();
export const RestoreBody = z.strictObject({ orderId: OrderId });

export const ReserveView = z
  .strictObject({
    reservationId: z.string(),
    couponId: IdText,
    success: z.boolean(),
    message: z.string(),
    discountAmount: z.int(),
    reservedAt: InstantText,
    expiresAt: InstantText,
  })
  .meta({ id: 'ReservedCoupon' });
export const RESERVE_RESPONSE_EXAMPLE: z.input<typeof ReserveView> = {
  reservationId: 'checkout-1001-1',
  couponId: '7330011234567891',
  success: true,
  message: 'The coupon is reserved.',
  discountAmount: 3000,
  reservedAt: '2035-01-01T01:00:00.123Z',
  expiresAt: '2035-01-01T01:10:00.123Z',
};

export const ApplyView = z
  .strictObject({
    couponId: IdText,
    couponName: z.string(),
    discountType: DiscountType,
    discountValue: z.number(),
    maxDiscountAmount: z.int().nullable(),
    discountAmount: z.int(),
  })
  .meta({ id: 'AppliedCoupon' });
export const APPLY_RESPONSE_EXAMPLE: z.input<typeof ApplyView> = {
  couponId: '7330011234567891',
  couponName: 'Opening day, 3,000 won off',
  discountType: 'FIXED_AMOUNT',
  discountValue: 3000,
  maxDiscountAmount: null,
  discountAmount: 3000,
};

export const ReservationView = z
  .strictObject({
    reservationId: z.string(),
    couponId: IdText,
    ...UserIdText,
    orderId: z.string().nullable(),
    orderAmount: z.int(),
    discountAmount: z.int(),
    status: z.enum(RESERVATION_STATUSES),
    reservedAt: InstantText,
    expiresAt: InstantText,
  })
  .meta({ id: 'Reservation' });
export const RESERVATION_EXAMPLE: z.input<typeof ReservationView> = {
  reservationId: 'checkout-1001-1',
  couponId: '7330011234567891',
  userId: '1001',
  orderId: 'order-5001',
  orderAmount: 32000,
  discountAmount: 3000,
  status: 'CONFIRMED',
  reservedAt: '2035-01-01T01:00:00.123Z',
  expiresAt: '2035-01-01T01:10:00.123Z',
};

export const CouponView = z
  .strictObject({
    couponId: IdText,
    couponPolicyId: IdText,
    ...UserIdText,
    couponCode: z.string().nullable(),
    ...COUPON_STATE_FIELDS,
  })
  .meta({ id: 'Coupon' });
type CouponJson = z.input<typeof CouponView>;
export const COUPON_EXAMPLE: CouponJson = {
  couponId: '7330011234567891',
  couponPolicyId: '7330011234567890',
  userId: '1001',
  couponCode: null,
  status: 'USED',
  sequenceNo: 1,
  issuedAt: '2035-01-01T01:00:00.123Z',
  expiresAt: '2035-01-31T01:00:00.123Z',
  reservedAt: null,
  usedAt: '2035-01-02T01:00:00.123Z',
  reservationId: null,
  orderId: 'order-5001',
};

export const UserStatisticsView = z
  .strictObject({
    totalCoupons: z.int(),
    availableCoupons: z.int(),
    usedCoupons: z.int(),
    expiredCoupons: z.int(),
    totalSavedAmount: z.int(),
  })
  .meta({ id: 'UserCouponStatistics' });

function whole({ reservation, coupon }: Reserved) {
  if (reservation === undefined || coupon?.coupon === undefined)
    throw new Error('a reservation came without its coupon');
  return { reservation, shown: coupon };
}

/** A reserved coupon; CONFIRMED for a repeat after the payment. */
const RESERVED_STATUSES = ['PENDING', 'CONFIRMED'] as const;
const MESSAGES: Readonly<Record<(typeof RESERVED_STATUSES)[number], string>> = {
  PENDING: 'The coupon is reserved.',
  CONFIRMED: 'The order is paid and the coupon is used.',
};

export function reserveJson(reserved: Reserved): z.input<typeof ReserveView> {
  const { reservation } = whole(reserved);
  return {
    reservationId: reservation.id,
    couponId: String(reservation.couponId),
    success: true,
    message: MESSAGES[oneOf(RESERVED_STATUSES, reservation.status)],
    discountAmount: Number(reservation.discountAmount),
    reservedAt: requiredInstant(reservation.reservedAt),
    expiresAt: requiredInstant(reservation.expiresAt),
  };
}

export function applyJson(reserved: Reserved): z.input<typeof ApplyView> {
  const { reservation, shown } = whole(reserved);
  return {
    couponId: String(reservation.couponId),
    couponName: shown.name,
    discountType: oneOf(DISCOUNT_TYPES, shown.discountType),
    discountValue: discountJson(shown.discountType, shown.discountValue),
    maxDiscountAmount: shown.maxDiscountAmount === undefined ? null : Number(shown.maxDiscountAmount),
    discountAmount: Number(reservation.discountAmount),
  };
}

export const reservedJson = (reserved: Reserved): z.input<typeof ReservationView> =>
  reservationJson(whole(reserved).reservation);

export function reservationJson(reservation: Reservation): z.input<typeof ReservationView> {
  return {
    reservationId: reservation.id,
    couponId: String(reservation.couponId),
    userId: String(reservation.userId),
    orderId: reservation.orderId ?? null,
    orderAmount: Number(reservation.orderAmount),
    discountAmount: Number(reservation.discountAmount),
    status: oneOf(RESERVATION_STATUSES, reservation.status),
    reservedAt: requiredInstant(reservation.reservedAt),
    expiresAt: requiredInstant(reservation.expiresAt),
  };
}

export const couponJson = (coupon: Coupon): CouponJson => ({
  couponId: String(coupon.id),
  couponPolicyId: String(coupon.policyId),
  userId: String(coupon.userId),
  couponCode: coupon.code ?? null,
  status: oneOf(COUPON_STATUSES, coupon.status),
  sequenceNo: coupon.sequenceNo,
  issuedAt: requiredInstant(coupon.issuedAt),
  expiresAt: requiredInstant(coupon.expiresAt),
  reservedAt: instantOrNull(coupon.reservedAt),
  usedAt: instantOrNull(coupon.usedAt),
  reservationId: coupon.reservationId ?? null,
  orderId: coupon.orderId ?? null,
});
