import { arg, number, type Resource, text } from './verb.ts';

const BASE = '/api/v1/points';
const USER = arg('userId', 'the user');
const AMOUNT = number('amount', 'in points', { required: true });

export const POINTS: Resource = {
  name: 'points',
  description: 'points of users',
  columns: ['transactionId', 'type', 'amount', 'balance', 'orderId', 'reason', 'createdAt'],
  verbs: [
    {
      name: 'balance',
      description: 'show the balance of a user',
      method: 'GET',
      path: `${BASE}/users/{userId}/balance`,
      args: [USER],
      returns: 'balance',
      forUsers: true,
    },
    {
      name: 'history',
      description: 'list the transactions of a user, the newest first',
      method: 'GET',
      path: `${BASE}/users/{userId}/history`,
      args: [USER],
      list: 'transactions',
      forUsers: true,
    },
    {
      name: 'earn',
      description: 'give points to a user',
      method: 'POST',
      path: `${BASE}/earn`,
      args: [USER],
      body: [
        AMOUNT,
        text('reason', 'shown to the user', { required: true }),
        text('availableAt', 'from when on they can be used'),
        text('expiresAt', 'when they end'),
      ],
    },
    {
      name: 'use',
      description: 'take points from a user for an order elsewhere',
      method: 'POST',
      path: `${BASE}/use`,
      args: [USER],
      body: [AMOUNT, text('orderId', 'the order')],
      forUsers: true,
    },
    {
      name: 'cancel',
      description: 'reverse a transaction',
      method: 'POST',
      path: `${BASE}/cancel`,
      args: [arg('transactionId', 'the transaction')],
      body: [text('reason', 'shown to the user')],
      forUsers: true,
    },
  ],
};
