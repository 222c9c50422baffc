import { z } from 'zod';
import { anyInstant, type DataByTopic, topic } from '../../platform/events/topic.ts';
import { ORDER_ID_MAX, PAYMENT_ID_MAX, REASON_MAX, RESERVATION_ID_MAX } from './limits.ts';

// Providers are not ours: ids and amounts come as text or as numbers that JSON holds exactly.
const exact = z.union([z.string().regex(/^\d{1,19}$/), z.int().min(0)]);
const name = (max: number, description: string) => z.string().min(1).max(max).meta({ description });
/** Absent and null mean the same. */
const reservationId = z.string().min(1).max(RESERVATION_ID_MAX).nullish().meta({
  description: 'The reservation of a coupon, when the shop passed it on',
});

/** What payment providers, or the orders of this system, say of payments. */
export const PAYMENT_EVENTS = {
  'payment.completed.v1': topic({
    summary:
      'An order was paid. Its reservation is confirmed, by reservationId or else by orderId, and its coupon used',
    key: 'orderId',
    isSigned: true,
    data: z.object({
      paymentId: name(PAYMENT_ID_MAX, "The provider's id of the payment"),
      orderId: name(ORDER_ID_MAX, 'The order'),
      userId: exact.meta({ description: 'The user who paid' }),
      amount: exact.meta({ description: 'The paid amount, in the smallest unit of the currency' }),
      couponId: exact.nullish().meta({ description: 'The coupon, when the shop passed it on' }),
      reservationId,
      completedAt: anyInstant('When it was paid (RFC 3339)'),
    }),
    example: {
      paymentId: 'pay_5f1c',
      orderId: 'order-981',
      userId: '42',
      amount: '27000',
      couponId: '7330011234567890',
      reservationId: 'order-981-1',
      completedAt: '2026-01-02T03:06:00Z',
    },
  }),
  'payment.failed.v1': topic({
    summary: 'A payment failed. The coupon that was reserved for its order can be used again',
    key: 'orderId',
    isSigned: true,
    data: z.object({
      paymentId: name(PAYMENT_ID_MAX, "The provider's id of the payment"),
      orderId: name(ORDER_ID_MAX, 'The order'),
      userId: exact.meta({ description: 'The user who tried to pay' }),
      reservationId,
      reason: name(REASON_MAX, "The provider's reason, for people"),
    }),
    example: {
      paymentId: 'pay_5f1d',
      orderId: 'order-982',
      userId: '42',
      reservationId: 'order-982-1',
      reason: 'card declined',
    },
  }),
} as const;

/** `data` by topic. */
export type PaymentEvents = DataByTopic<typeof PAYMENT_EVENTS>;
