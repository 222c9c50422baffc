import { z } from 'zod';
import { amount, type DataByTopic, id, instant, topic } from '../../platform/events/topic.ts';
import { DISCOUNT_TYPES } from './domain/enumerations.ts';
import { ORDER_ID_MAX, RESERVATION_ID_MAX } from './domain/limits.ts';

const couponFields = {
  couponId: id('The coupon'),
  policyId: id('Its policy'),
  userId: id('The owner'),
  storeId: id('Store of the policy').nullable().meta({ description: 'Store of the policy; null = platform wide' }),
  timezone: z.string().min(1).meta({ description: 'IANA time zone of the policy, for calendar days' }),
};
const COUPON_EXAMPLE = {
  couponId: '7330011234567890',
  policyId: '7330011234560000',
  userId: '42',
  storeId: null,
  timezone: 'Asia/Seoul',
};
const reservationId = z
  .string()
  .min(1)
  .max(RESERVATION_ID_MAX)
  .meta({ description: "The caller's id of the reservation" });
const orderId = z.string().min(1).max(ORDER_ID_MAX).meta({ description: 'The order' });
const nullableOrderId = orderId.nullable().meta({ description: 'The order; null when there is none' });

const policyFields = {
  policyId: id('The policy'),
  storeId: id('Its store').nullable().meta({ description: 'Its store; null = platform wide' }),
  name: z.string().meta({ description: 'Its name' }),
  window: z
    .object({ validFrom: instant('The first moment of issuing'), validUntil: instant('The first moment after that') })
    .meta({ description: 'When it issues: [validFrom, validUntil)' }),
};
const POLICY_EXAMPLE = {
  policyId: '7330011234560000',
  storeId: null,
  name: 'Opening day',
  window: { validFrom: '2026-01-01T01:00:00.000Z', validUntil: '2026-01-31T15:00:00.000Z' },
};

const changeFields = {
  policyId: policyFields.policyId,
  storeId: policyFields.storeId,
  name: policyFields.name,
  reason: z.string().nullable().meta({ description: 'Why it was suspended; null otherwise' }),
  termsVersion: z
    .int()
    .min(1)
    .meta({ description: 'The version of discount, minimum, cap and store that new coupons get' }),
};
const CHANGE_EXAMPLE = {
  policyId: POLICY_EXAMPLE.policyId,
  storeId: null,
  name: POLICY_EXAMPLE.name,
  reason: null,
  termsVersion: 1,
};

/** The events of this context. */
export const COUPON_EVENTS = {
  'coupon.issued': topic({
    summary: 'A coupon was issued to a user',
    key: 'couponId',
    data: z.object({
      ...couponFields,
      couponCode: z
        .string()
        .nullable()
        .meta({ description: 'The code that was redeemed for it; null when there was none' }),
      couponName: z.string().meta({ description: 'Name of the policy' }),
      discountType: z.enum(DISCOUNT_TYPES).meta({ description: 'How the discount is computed' }),
      discountValue: z
        .string()
        .regex(/^\d{1,19}$/)
        .meta({ description: 'Smallest unit of the currency, or basis points when it is a percentage' }),
      sequenceNo: z.int().min(1).meta({ description: 'Its position in the order of issue: 1, 2, 3 … without gaps' }),
      status: z.literal('ISSUED').meta({ description: 'ISSUED' }),
      issuedAt: instant('When it was issued'),
      expiresAt: instant('First moment at which it can no longer be used'),
    }),
    example: {
      ...COUPON_EXAMPLE,
      couponCode: null,
      couponName: 'Opening day',
      discountType: 'FIXED_AMOUNT',
      discountValue: '3000',
      sequenceNo: 17,
      status: 'ISSUED',
      issuedAt: '2026-01-01T01:00:00.120Z',
      expiresAt: '2026-01-31T15:00:00.000Z',
    },
  }),
  'coupon.reserved': topic({
    summary: 'A coupon was reserved for an order',
    key: 'couponId',
    data: z.object({
      ...couponFields,
      reservationId,
      orderId: nullableOrderId,
      discountAmount: amount('The discount of the order, fixed from now on'),
      reservedAt: instant('When it was reserved'),
      expiresAt: instant('When the reservation ends unless the order is paid'),
    }),
    example: {
      ...COUPON_EXAMPLE,
      reservationId: 'order-981-1',
      orderId: 'order-981',
      discountAmount: '3000',
      reservedAt: '2026-01-02T03:04:05.000Z',
      expiresAt: '2026-01-02T03:14:05.000Z',
    },
  }),
  'coupon.used': topic({
    summary: 'A coupon was used: its order was paid, or it was used directly',
    key: 'couponId',
    data: z.object({
      ...couponFields,
      orderId: nullableOrderId,
      discountAmount: amount('The discount of the order; 0 for a percentage that was used without an order'),
      usedAt: instant('When it was used'),
    }),
    example: { ...COUPON_EXAMPLE, orderId: 'order-981', discountAmount: '3000', usedAt: '2026-01-02T03:06:00.500Z' },
  }),
  'coupon.cancelled': topic({
    summary: 'A reservation ended without use, or a coupon was withdrawn',
    key: 'couponId',
    data: z.object({
      ...couponFields,
      reservationId: reservationId.optional().meta({ description: 'The reservation that ended with it' }),
      reason: z.enum(['RELEASED', 'TIMEOUT', 'PAYMENT_FAILED', 'WITHDRAWN']).meta({
        description: 'WITHDRAWN: the coupon can no longer be used. All others: it can be used again',
      }),
      cancelledAt: instant('When it ended or was withdrawn'),
    }),
    example: {
      ...COUPON_EXAMPLE,
      reservationId: 'order-981-1',
      reason: 'TIMEOUT',
      cancelledAt: '2026-01-02T03:14:30.000Z',
    },
  }),
  'coupon.restored': topic({
    summary: 'A used coupon was restored because its order was refunded or never paid',
    key: 'couponId',
    data: z.object({
      ...couponFields,
      orderId,
      discountAmount: amount('The discount that no longer applies'),
      restoredAt: instant('When it was restored'),
    }),
    example: {
      ...COUPON_EXAMPLE,
      orderId: 'order-981',
      discountAmount: '3000',
      restoredAt: '2026-01-05T09:00:00.000Z',
    },
  }),
  'coupon.expired': topic({
    summary: 'A coupon expired without having been used',
    key: 'couponId',
    data: z.object({
      ...couponFields,
      expiredAt: instant('When its expiry was stored, after the moment from which it could no longer be used'),
    }),
    example: { ...COUPON_EXAMPLE, expiredAt: '2026-01-31T15:00:00.000Z' },
  }),
  'coupon.confirmation_failed': topic({
    summary: 'An order was paid whose coupon can no longer be used: the payment has to be refunded',
    key: 'couponId',
    data: z.object({
      couponId: id('The coupon'),
      reservationId: reservationId.nullable().meta({ description: 'The reservation; null when none was found' }),
      orderId,
      reason: z.string().min(1).meta({ description: 'The code of the refusal, for example RESERVATION_EXPIRED' }),
    }),
    example: {
      couponId: COUPON_EXAMPLE.couponId,
      reservationId: 'order-981-1',
      orderId: 'order-981',
      reason: 'RESERVATION_EXPIRED',
    },
  }),
  'coupon-policy.activated': topic({
    summary: 'A policy began to issue, or issues again because there is stock again',
    key: 'policyId',
    data: z.object(policyFields),
    example: POLICY_EXAMPLE,
  }),
  'coupon-policy.exhausted': topic({
    summary: 'The last coupon of a policy was issued',
    key: 'policyId',
    data: z.object(policyFields),
    example: POLICY_EXAMPLE,
  }),
  'coupon-policy.ended': topic({
    summary: 'A policy ended',
    key: 'policyId',
    data: z.object(policyFields),
    example: POLICY_EXAMPLE,
  }),
  'coupon-policy.suspended': topic({
    summary: 'A policy was suspended: none of its coupons can be issued, reserved or used',
    key: 'policyId',
    data: z.object(changeFields),
    example: { ...CHANGE_EXAMPLE, reason: 'The discount is wrong' },
  }),
  'coupon-policy.resumed': topic({
    summary: 'The suspension of a policy was lifted',
    key: 'policyId',
    data: z.object(changeFields),
    example: CHANGE_EXAMPLE,
  }),
  'coupon-policy.changed': topic({
    summary: 'The fields of a policy were changed',
    key: 'policyId',
    data: z.object({ ...changeFields, window: policyFields.window.optional() }),
    example: { ...CHANGE_EXAMPLE, termsVersion: 2, window: POLICY_EXAMPLE.window },
  }),
} as const;

/** `data` by topic. */
export type CouponEvents = DataByTopic<typeof COUPON_EVENTS>;
