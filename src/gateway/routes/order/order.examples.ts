import type { z } from 'zod';
import type { OrderView, PaymentRecordView, PaymentView, RefundRecordView, RefundView } from './order.schemas.ts';

export const ORDER_EXAMPLE: z.input<typeof OrderView> = {
  orderId: '7330011234567895',
  userId: '1001',
  status: 'RESERVED',
  items: [
    {
      line: 1,
      productId: '7330011234567893',
      timeSaleId: null,
      productName: 'Drip coffee, 20 bags',
      storeId: null,
      quantity: 2,
      unitPrice: 15000,
      couponDiscount: 3000,
      pointsUsed: 500,
      refundedQuantity: 0,
    },
  ],
  couponId: '7330011234567891',
  currency: 'KRW',
  subtotal: 30000,
  couponDiscount: 3000,
  pointsUsed: 500,
  total: 26500,
  refundedAmount: 0,
  refundedPoints: 0,
  createdAt: '2035-01-01T01:00:00.123Z',
  expiresAt: '2035-01-01T01:10:00.123Z',
  paidAt: null,
  endedAt: null,
  failure: null,
};

const PAID = { ...ORDER_EXAMPLE, status: 'PAID' as const, paidAt: '2035-01-01T01:02:00.456Z' };

export const PAYMENT_EXAMPLE: z.input<typeof PaymentView> = {
  paymentId: '7330011234567896',
  orderId: ORDER_EXAMPLE.orderId,
  method: 'POINTS',
  currency: 'KRW',
  amount: 26500,
  status: 'COMPLETED',
  providerUrl: null,
  order: PAID,
};

const { order: _paid, ...payment } = PAYMENT_EXAMPLE;
export const PAYMENT_RECORD_EXAMPLE: z.input<typeof PaymentRecordView> = {
  ...payment,
  userId: ORDER_EXAMPLE.userId,
  failure: null,
  createdAt: '2035-01-01T01:02:00.123Z',
  settledAt: '2035-01-01T01:02:00.456Z',
};

export const REFUND_EXAMPLE: z.input<typeof RefundView> = {
  refundId: '7330011234567897',
  orderId: ORDER_EXAMPLE.orderId,
  currency: 'KRW',
  amount: 13250,
  points: 250,
  status: 'DONE',
  order: {
    ...PAID,
    items: PAID.items.map((item) => ({ ...item, refundedQuantity: 1 })),
    refundedAmount: 13250,
    refundedPoints: 250,
  },
};

const { order: _refunded, ...refund } = REFUND_EXAMPLE;
export const REFUND_RECORD_EXAMPLE: z.input<typeof RefundRecordView> = {
  ...refund,
  paymentId: PAYMENT_EXAMPLE.paymentId,
  reason: 'Arrived broken',
  items: [{ line: 1, quantity: 1, amount: 13250, points: 250 }],
  createdAt: '2035-01-03T01:00:00.123Z',
};
