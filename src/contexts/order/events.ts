import { z } from 'zod';
import { amount, type DataByTopic, id, instant, topic } from '../../platform/events/topic.ts';
import { LINES_MAX } from './domain/limits.ts';

const orderId = id('The order');
const userId = id('Whose order it is');

const item = {
  line: z.int().min(1).meta({ description: 'Number of the line in its order: 1, 2, 3 …' }),
  productId: id('The product'),
  timeSaleId: id('The time sale').nullable().meta({ description: 'The time sale; null = at the regular price' }),
  productName: z.string().meta({ description: 'As it was when it was ordered' }),
  unitPrice: amount('Of one unit, as it was when it was ordered'),
};
const ITEM = {
  line: 1,
  productId: '7330011234560001',
  timeSaleId: null,
  productName: 'Ceramic mug',
  unitPrice: '15000',
};
const quantity = z.int().min(1).meta({ description: 'Units' });

const order = {
  orderId,
  userId,
  couponId: id('The coupon').nullable().meta({ description: 'The coupon; null = none' }),
  subtotal: amount('What the items cost'),
  couponDiscount: amount('What the coupon takes off'),
  pointsUsed: amount('What points pay beside the payment'),
  total: amount('What is left to pay: subtotal - couponDiscount - pointsUsed'),
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
  subtotal: '30000',
  couponDiscount: '3000',
  pointsUsed: '2000',
  total: '25000',
  items: [{ ...ITEM, quantity: 2, couponDiscount: '3000', pointsUsed: '2000' }],
};

const timeSale = {
  timeSaleId: id('The time sale'),
  productId: id('The product'),
  salePrice: amount('What one unit costs in it'),
  quantity: z.int().min(1).meta({ description: 'Units that were set aside for it' }),
  startsAt: instant('From when on they are sold'),
  endsAt: instant('First moment at which it is over'),
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
    summary: 'An order has everything it needs and waits for its payment',
    key: 'orderId',
    data: z.object({
      ...order,
      reservedAt: instant('When'),
      expiresAt: instant('When it ends unless it is paid'),
    }),
    example: { ...ORDER, reservedAt: '2026-01-02T03:04:05.000Z', expiresAt: '2026-01-02T03:14:05.000Z' },
  }),
  'order.paid': topic({
    summary: 'An order was paid: its money, coupon and points are taken and its units sold',
    key: 'orderId',
    data: z.object({ ...order, paymentId: id('The payment that brought the money'), paidAt: instant('When') }),
    example: { ...ORDER, paymentId: '7330011234567891', paidAt: '2026-01-02T03:06:00.500Z' },
  }),
  'order.cancelled': topic({
    summary: 'An order ended without being paid, and not for its time; what was taken for it is free again',
    key: 'orderId',
    data: z.object({
      ...order,
      status: z.enum(['CANCELLED', 'FAILED']).meta({ description: 'CANCELLED: by the customer' }),
      reason: z
        .string()
        .min(1)
        .max(100)
        .nullable()
        .meta({ description: 'FAILED: the code of what refused it, such as INSUFFICIENT_POINTS; else null' }),
      cancelledAt: instant('When'),
    }),
    example: { ...ORDER, status: 'FAILED', reason: 'PAYMENT_DECLINED', cancelledAt: '2026-01-02T03:06:00.500Z' },
  }),
  'order.expired': topic({
    summary: 'An order was not paid in time; what was taken for it is free again',
    key: 'orderId',
    data: z.object({ ...order, expiredAt: instant('When') }),
    example: { ...ORDER, expiredAt: '2026-01-02T03:14:30.000Z' },
  }),
  'order.refunded': topic({
    summary: 'A paid order, or a part of it, was given back; money, points and coupon are on their way',
    key: 'orderId',
    data: z.object({
      orderId,
      userId,
      refundId: id('The refund'),
      status: z.enum(['PAID', 'REFUNDED']).meta({ description: 'Of the order; REFUNDED: nothing is left of it' }),
      amount: amount('Money that goes back'),
      points: amount('Points that go back, of those used beside the payment'),
      refundedAmount: amount('Money given back so far, with this'),
      refundedPoints: amount('Points given back so far, with this'),
      reason: z.string().meta({ description: 'Why, for people' }),
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
        .meta({ description: 'What was given back' }),
      refundedAt: instant('When'),
    }),
    example: {
      orderId: ORDER.orderId,
      userId: ORDER.userId,
      refundId: '7330011234567892',
      status: 'PAID',
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
    data: z.object({ ...timeSale, soldOutAt: instant('When') }),
    example: { ...TIME_SALE, soldOutAt: '2026-01-01T01:00:04.120Z' },
  }),
  'timesale.ended': topic({
    summary: 'A time sale is over, and what was left of it is in the stock of its product again',
    key: 'timeSaleId',
    data: z.object({
      ...timeSale,
      soldQuantity: z.int().min(0).meta({ description: 'Units that were paid for by then' }),
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
