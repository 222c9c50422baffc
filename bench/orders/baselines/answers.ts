/** Response schemas, compiled by Fastify, with the fields of the real system's responses. */
export const AMOUNT = { type: 'integer' } as const;
const TEXT = { type: 'string' } as const;
const MAYBE = { type: ['string', 'null'] } as const;

export const ORDER_ANSWER = {
  type: 'object',
  properties: {
    orderId: TEXT,
    userId: TEXT,
    status: TEXT,
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          line: AMOUNT,
          productId: TEXT,
          timeSaleId: MAYBE,
          productName: TEXT,
          quantity: AMOUNT,
          unitPrice: AMOUNT,
          couponDiscount: AMOUNT,
          pointsUsed: AMOUNT,
          refundedQuantity: AMOUNT,
        },
      },
    },
    couponId: MAYBE,
    subtotal: AMOUNT,
    couponDiscount: AMOUNT,
    pointsUsed: AMOUNT,
    total: AMOUNT,
    refundedAmount: AMOUNT,
    refundedPoints: AMOUNT,
    createdAt: TEXT,
    expiresAt: TEXT,
    paidAt: MAYBE,
    endedAt: MAYBE,
    failure: MAYBE,
  },
} as const;

export const PAYMENT_ANSWER = {
  type: 'object',
  properties: {
    paymentId: TEXT,
    orderId: TEXT,
    method: TEXT,
    amount: AMOUNT,
    status: TEXT,
    providerUrl: MAYBE,
    order: ORDER_ANSWER,
  },
} as const;
