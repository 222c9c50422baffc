import { arg, type Resource, text } from './verb.ts';

const BASE = '/api/v1/orders';
const ORDER = arg('orderId', 'the order');

export const ORDERS: Resource = {
  name: 'orders',
  description: 'orders and their payments',
  columns: [
    'orderId',
    'userId',
    'status',
    'subtotal',
    'couponDiscount',
    'pointsUsed',
    'total',
    'refundedAmount',
    'createdAt',
  ],
  verbs: [
    {
      name: 'list',
      description: 'list orders, the newest first',
      method: 'GET',
      path: BASE,
      list: 'orders',
      query: [
        text('status', 'with this status', {
          choices: ['PENDING', 'RESERVED', 'PAID', 'REFUNDED', 'CANCELLED', 'EXPIRED', 'FAILED'],
        }),
        text('userId', 'of this user'),
        text('storeId', 'with products of this store'),
        text('from', 'placed at or after this time'),
        text('to', 'placed before this time'),
      ],
      forUsers: true,
    },
    {
      name: 'get',
      description: 'show an order',
      method: 'GET',
      path: `${BASE}/{orderId}`,
      args: [ORDER],
      forUsers: true,
    },
    {
      name: 'cancel',
      description: 'cancel an order that is not paid',
      method: 'POST',
      path: `${BASE}/{orderId}/cancel`,
      args: [ORDER],
      forUsers: true,
    },
    {
      name: 'refund',
      description: 'refund a paid order; a JSON file with items refunds these alone',
      method: 'POST',
      path: `${BASE}/{orderId}/refund`,
      args: [ORDER],
      body: [text('reason', 'why, for the record')],
      takesFile: true,
    },
    {
      name: 'payments',
      description: 'list the payments of an order',
      method: 'GET',
      path: `${BASE}/{orderId}/payments`,
      args: [ORDER],
      list: 'payments',
      columns: ['paymentId', 'method', 'amount', 'status', 'createdAt', 'settledAt'],
      forUsers: true,
    },
    {
      name: 'refunds',
      description: 'list the refunds of an order',
      method: 'GET',
      path: `${BASE}/{orderId}/refunds`,
      args: [ORDER],
      list: 'refunds',
      columns: ['refundId', 'amount', 'points', 'status', 'reason', 'createdAt'],
      forUsers: true,
    },
  ],
};
