import { z } from 'zod';
import type { PointService } from '../../../contexts/point/api.ts';
import { requireReader, toProto } from '../../auth/principal.ts';
import { routeKey } from '../../idempotency/keyed-call.ts';
import { valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { PageFields, PathId, PathUserId, pageJson, pageOf, pageView, requiredInstant } from '../../server/schemas.ts';
import {
  BALANCE_EXAMPLE,
  BalanceView,
  CancelBody,
  CHARGE_EXAMPLE,
  ChargeView,
  chargeJson,
  EarnBody,
  TRANSACTION_EXAMPLE,
  TransactionView,
  transactionJson,
} from './point.schemas.ts';

const OneUser = z.strictObject({ userId: PathUserId });
const OneCharge = z.strictObject({ chargeId: PathId });
const HistoryQuery = z.strictObject(PageFields);

export const pointsRoutes = ({ point }: { readonly point: PointService }): readonly Route[] => [
  route({
    id: 'earnPoints',
    tag: 'points',
    method: 'POST',
    paths: ['/api/v1/points/earn'],
    summary: 'Give points',
    access: ['ADMIN'],
    scope: 'points:write',
    addsUsers: true,
    status: 200,
    idempotent: 'required',
    bodyExample: { userId: '1001', amount: 500, reason: 'A review', expiresAt: '2036-01-01T00:00:00Z' },
    response: {
      schema: TransactionView,
      example: { ...TRANSACTION_EXAMPLE, type: 'EARN', amount: 500, reason: 'A review' },
    },
    body: EarnBody,
    async handle({ principal, call, body }) {
      const key = routeKey('earn', principal, call.key);
      const { expiresAt, availableAt } = body;
      const commandKey = call.takeCommandKey();
      const message = { ...body, key, expiresAt, availableAt, principal: toProto(principal), commandKey };
      return transactionJson(call.valueFrom(await point.earnPoints(message)));
    },
  }),
  route({
    id: 'cancelPointTransaction',
    tag: 'points',
    method: 'POST',
    paths: ['/api/v1/points/cancel'],
    summary: 'Reverse a charge, an earn or a use',
    description:
      'Completely and once: a repeat returns the reversal. A customer may cancel their own charges, and their own ' +
      'uses without an order. The money of a charge that was paid for goes back. Of an earn, what was spent is booked as owed by the user (`receivable`); points earned ' +
      'later repay it.',
    access: 'ANY_TOKEN',
    scope: 'points:write',
    status: 200,
    bypassesShedding: true,
    idempotent: 'required',
    bodyExample: { transactionId: '7330011234567892', reason: 'Ordered twice' },
    response: {
      schema: TransactionView,
      example: { ...TRANSACTION_EXAMPLE, type: 'CANCEL', amount: -10000, sourceId: '7330011234567892' },
    },
    refusals: ['POINT_TRANSACTION_NOT_FOUND', 'INSUFFICIENT_POINTS'],
    body: CancelBody,
    async handle({ principal, call, body: { transactionId, reason = '' } }) {
      const message = { principal: toProto(principal), transactionId, reason, commandKey: call.takeCommandKey() };
      return transactionJson(call.valueFrom(await point.cancelTransaction(message)));
    },
  }),
  route({
    id: 'getPointCharge',
    tag: 'points',
    method: 'GET',
    paths: ['/api/v1/points/charges/:chargeId'],
    summary: 'Read a charge of points',
    description: 'Its present state, and the money that went back. Only for the caller, unless ADMIN or SERVICE.',
    access: 'ANY_TOKEN',
    scope: 'points:read',
    status: 200,
    response: {
      schema: ChargeView,
      example: {
        ...CHARGE_EXAMPLE,
        status: 'COMPLETED',
        transactionId: '7330011234567892',
        balance: 12500,
        providerUrl: null,
        settledAt: '2035-01-01T01:02:00.456Z',
      },
    },
    refusals: ['CHARGE_NOT_FOUND'],
    params: OneCharge,
    async handle({ principal, params: { chargeId } }) {
      const { outcome } = await point.getCharge({ principal: toProto(principal), chargeId });
      return chargeJson(valueFrom(outcome));
    },
  }),
  route({
    id: 'getPointBalance',
    tag: 'points',
    method: 'GET',
    paths: ['/api/v1/points/users/:userId/balance'],
    summary: 'Read the balance of a user',
    description: 'Only for the caller, unless ADMIN or SERVICE.',
    access: 'ANY_TOKEN',
    scope: 'points:read',
    status: 200,
    response: { schema: BalanceView, example: BALANCE_EXAMPLE },
    refusals: ['NOT_FOUND'],
    params: OneUser,
    async handle({ principal, params: { userId } }) {
      requireReader(principal, userId);
      const { balance, available, pending, held, receivable, expiringSoon } = await point.getBalance({ userId });
      return {
        userId: String(userId),
        balance: Number(balance),
        available: Number(available),
        pending: Number(pending),
        held: Number(held),
        receivable: Number(receivable),
        expiringSoon: expiringSoon.map(({ amount, expiresAt }) => ({
          amount: Number(amount),
          expiresAt: requiredInstant(expiresAt),
        })),
      };
    },
  }),
  route({
    id: 'listPointTransactions',
    tag: 'points',
    method: 'GET',
    paths: ['/api/v1/points/users/:userId/history'],
    summary: "List a user's transactions, newest first",
    description: 'Only for the caller, unless ADMIN or SERVICE.',
    access: 'ANY_TOKEN',
    scope: 'points:read',
    status: 200,
    response: {
      schema: pageView('transactions', TransactionView).meta({ id: 'PointTransactionList' }),
      example: { transactions: [TRANSACTION_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['NOT_FOUND'],
    params: OneUser,
    query: HistoryQuery,
    async handle({ principal, params: { userId }, query }) {
      requireReader(principal, userId);
      const { transactions, nextCursor } = await point.listHistory({ userId, page: pageOf(query) });
      return {
        transactions: transactions.map(transactionJson),
        ...pageJson(nextCursor),
      };
    },
  }),
];
