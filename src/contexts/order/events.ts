import { z } from 'zod';
import { amount, type DataByTopic, id, instant, topic } from '../../platform/events/topic.ts';
import { LINES_MAX } from './domain/limits.ts';

const orderId = id('The order');
const userId = id('The user of the order');

const item = {
  line: z.int().min(1).meta({ description: 'Number of the line in its order: 1, 2, 3 …' }),
  productId: id('The product'),
  timeSaleId: id('The time sale').nullable().meta({ description: 'The time sale; null = at the regular price' }),
  productName: z.string().meta({ description: 'The name of the product when the order was placed' }),
  storeId: id('The store').nullable().meta({ description: 'The store that sold it; null = the platform' }),
  unitPrice: amount('The price of one unit when the order was placed'),
};
const ITEM = {
  line: 1,
  productId: '7330011234560001',
  timeSaleId: null,
  productName: 'Ceramic mug',
  storeId: null,
  unitPrice: '15000',
};
const quantity = z.int().min(1).meta({ description: 'Units' });

/** Absent in events of earlier versions. */
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .optional()
  .meta({ description: 'The currency of the order, ISO 4217' });

const order = {
  orderId,
  userId,
  couponId: id('The coupon').nullable().meta({ description: 'The coupon; null = none' }),
  currency,
  subtotal: amount('The price of all items'),
  couponDiscount: amount('The discount of the coupon'),
  pointsUsed: amount('The points that are used in addition to the payment'),
  total: amount('The amount to pay: subtotal - couponDiscount - pointsUsed'),
  items: z
    .array(
      z.object({
        ...item,
        quantity,
        couponDiscount: amount("The line's share of the coupon"),
        pointsUsed: amount("The line's share of the points"),
      }),
    )
    .min(1)
    .max(LINES_MAX)
    .meta({ description: 'The lines; their shares add up to the whole' }),
};
const ORDER = {
  orderId: '7330011234567890',
  userId: '42',
  couponId: '7330011234560002',
  currency: 'KRW',
  subtotal: '30000',
  couponDiscount: '3000',
  pointsUsed: '2000',
  total: '25000',
  items: [{ ...ITEM, quantity: 2, couponDiscount: '3000', pointsUsed: '2000' }],
};

const timeSale = {
  timeSaleId: id('The time sale'),
  productId: id('The product'),
  salePrice: amount('The price of one unit in the time sale'),
  quantity: z.int().min(1).meta({ description: 'The units that were allocated to it' }),
  startsAt: instant('The first moment of the sale'),
  endsAt: instant('The first moment after the sale'),
};
const TIME_SALE = {
  timeSaleId: '7330011234567893',
  productId: '7330011234567891',
  salePrice: '19900',
  quantity: 500,
  startsAt: '2026-01-01T01:00:00.000Z',
  endsAt: '2026-01-01T03:00:00.000Z',
};

/** Every fact that this context publishes, those of payments apart: other providers say them too. */
export const ORDER_EVENTS = {
  'order.reserved': topic({
    summary: 'An order has reserved its stock, coupon and points, and waits for its payment',
    key: 'orderId',
    data: z.object({
      ...order,
      reservedAt: instant('When all that the order needs was reserved'),
      expiresAt: instant('When it expires unless it is paid'),
    }),
    example: { ...ORDER, reservedAt: '2026-01-02T03:04:05.000Z', expiresAt: '2026-01-02T03:14:05.000Z' },
  }),
  'order.paid': topic({
    summary: 'An order was paid: its coupon and points are used and its units sold',
    key: 'orderId',
    data: z.object({
      ...order,
      paymentId: id('The payment that paid the order'),
      // Optional, because events that were written before it had a place here may be delivered after an upgrade.
      paidInMoney: amount('The part of the total that was paid in money; 0 when it was paid with points').optional(),
      paidAt: instant('The time of the payment'),
    }),
    example: { ...ORDER, paymentId: '7330011234567891', paidInMoney: ORDER.total, paidAt: '2026-01-02T03:06:00.500Z' },
  }),
  'order.cancelled': topic({
    summary: 'An order ended unpaid before its time; its stock, coupon and points were returned',
    key: 'orderId',
    data: z.object({
      ...order,
      status: z.enum(['CANCELLED', 'FAILED']).meta({ description: 'CANCELLED: by the customer' }),
      reason: z
        .string()
        .min(1)
        .max(100)
        .nullable()
        .meta({ description: 'FAILED: the code of the refusal, for example INSUFFICIENT_POINTS; otherwise null' }),
      cancelledAt: instant('When the order ended'),
    }),
    example: { ...ORDER, status: 'FAILED', reason: 'PAYMENT_DECLINED', cancelledAt: '2026-01-02T03:06:00.500Z' },
  }),
  'order.expired': topic({
    summary: 'An order was not paid in time; its stock, coupon and points were returned',
    key: 'orderId',
    data: z.object({ ...order, expiredAt: instant('When the order ended') }),
    example: { ...ORDER, expiredAt: '2026-01-02T03:14:30.000Z' },
  }),
  'order.refunded': topic({
    summary: 'A paid order was refunded, completely or in part; money, points and coupon are being returned',
    key: 'orderId',
    data: z.object({
      orderId,
      userId,
      refundId: id('The refund'),
      status: z
        .enum(['PAID', 'REFUNDED'])
        .meta({ description: 'The status of the order; REFUNDED: no unit is left of it' }),
      currency,
      amount: amount('The refunded money'),
      points: amount('The refunded points, of those used in addition to the payment'),
      refundedAmount: amount('The money refunded so far, this refund included'),
      refundedPoints: amount('The points refunded so far, this refund included'),
      reason: z.string().meta({ description: 'The reason, as text' }),
      items: z
        .array(
          z.object({
            ...item,
            quantity,
            amount: amount('Money of these units'),
            points: amount('Points of these units'),
          }),
        )
        .min(1)
        .max(LINES_MAX)
        .meta({ description: 'The refunded units' }),
      refundedAt: instant('The time of the refund'),
    }),
    example: {
      orderId: ORDER.orderId,
      userId: ORDER.userId,
      refundId: '7330011234567892',
      status: 'PAID',
      currency: ORDER.currency,
      amount: '12500',
      points: '1000',
      refundedAmount: '12500',
      refundedPoints: '1000',
      reason: 'one of two arrived broken',
      items: [{ ...ITEM, quantity: 1, amount: '12500', points: '1000' }],
      refundedAt: '2026-01-05T09:00:00.000Z',
    },
  }),
  'timesale.started': topic({
    summary: 'A time sale began',
    key: 'timeSaleId',
    data: z.object(timeSale),
    example: TIME_SALE,
  }),
  'timesale.sold_out': topic({
    summary: 'The last free unit of a time sale was ordered; there may be units again when an order ends unpaid',
    key: 'timeSaleId',
    data: z.object({ ...timeSale, soldOutAt: instant('When the last unit was reserved') }),
    example: { ...TIME_SALE, soldOutAt: '2026-01-01T01:00:04.120Z' },
  }),
  'timesale.ended': topic({
    summary: 'A time sale ended, and its free units returned to the stock of its product',
    key: 'timeSaleId',
    data: z.object({
      ...timeSale,
      soldQuantity: z.int().min(0).meta({ description: 'Units that were paid at its end' }),
      reservedQuantity: z.int().min(0).meta({ description: 'Units in orders that may still be paid' }),
    }),
    example: { ...TIME_SALE, soldQuantity: 480, reservedQuantity: 5 },
  }),
} as const;

/** `data` by topic. */
export type OrderEvents = DataByTopic<typeof ORDER_EVENTS>;

/** The topics that the audit compares with the orders. The topics of payments are left out, because others write them too. */
export const COUNTED_TOPICS = [
  'order.reserved',
  'order.paid',
  'order.cancelled',
  'order.expired',
  'order.refunded',
] as const;
