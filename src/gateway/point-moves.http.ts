import type { FastifyInstance } from 'fastify';
import type { PointService, Transaction, TransactionResponse } from '../gen/stampede/point/v1/point.ts';
import { type HotAnswer, type HotDeps, hotRoutes, parsedBody } from './hot-route.ts';
import { routeKey } from './idempotency.ts';
import { keyAcrossUsers, requiredCall } from './keyed-call.ts';
import type { OperationSpec } from './operation.ts';
import { ChargeBody, TRANSACTION_EXAMPLE, TransactionAnswer, UseBody } from './point.schemas.ts';
import { subjectOf } from './principal.ts';

/**
 * Charging and using points are hot routes. The ledger itself keeps what was answered to a key, in the very transaction that
 * moved the points, so the keys of customers have no record beside it: two commits less a request.
 */
export const CHARGE_SPEC: OperationSpec = {
  summary: 'Charge points',
  description: 'For oneself; ADMIN and SERVICE for anybody. The balance after it has a limit.',
  access: 'ANY_TOKEN',
  status: 200,
  idempotent: 'required',
  bodyExample: { amount: 10000 },
  answer: { schema: TransactionAnswer, example: TRANSACTION_EXAMPLE },
  refusals: ['POINT_LIMIT_EXCEEDED', 'FORBIDDEN'],
};

export const USE_SPEC: OperationSpec = {
  summary: 'Use points',
  description: 'For oneself; ADMIN and SERVICE for anybody. Points that expire first go first, then the oldest.',
  access: 'ANY_TOKEN',
  status: 200,
  idempotent: 'required',
  bodyExample: { amount: 3000, orderId: 'order-981' },
  answer: {
    schema: TransactionAnswer,
    example: { ...TRANSACTION_EXAMPLE, type: 'USE', amount: -3000, balance: 9500, orderId: 'order-981' },
  },
  refusals: ['INSUFFICIENT_POINTS', 'FORBIDDEN'],
};

export const POINT_MOVE_ROUTES = [
  { url: '/api/v1/points/charge', name: 'charge', tag: 'points', spec: CHARGE_SPEC, body: ChargeBody },
  { url: '/api/v1/points/use', name: 'use', tag: 'points', spec: USE_SPEC, body: UseBody },
] as const;

export function registerPointMoves(
  fastify: FastifyInstance,
  point: Pick<PointService, 'chargePoints' | 'usePoints'>,
  deps: HotDeps,
): void {
  const add = hotRoutes(fastify, deps);
  const [charge, use] = POINT_MOVE_ROUTES;
  add(charge.url, async (request, principal) => {
    const key = routeKey(charge.name, principal, request.headers['idempotency-key']);
    const { userId: named, amount } = parsedBody(ChargeBody, request.body);
    const userId = subjectOf(principal, named);
    const call = requiredCall(request, principal, `POST ${charge.url}`, [String(userId), String(amount)]);
    const commandKey = keyAcrossUsers(principal, call);
    return await deps.keysInFlight.run(call.place, async () =>
      answerOf(await point.chargePoints({ userId, amount, key, commandKey })),
    );
  });
  add(use.url, async (request, principal) => {
    const key = routeKey(use.name, principal, request.headers['idempotency-key']);
    const { userId: named, amount, orderId } = parsedBody(UseBody, request.body);
    const userId = subjectOf(principal, named);
    const content = [String(userId), String(amount), orderId ?? null];
    const call = requiredCall(request, principal, `POST ${use.url}`, content);
    const commandKey = keyAcrossUsers(principal, call);
    return await deps.keysInFlight.run(call.place, async () =>
      answerOf(await point.usePoints({ userId, amount, key, orderId, commandKey })),
    );
  });
}

function answerOf({ outcome, replayed }: TransactionResponse): HotAnswer {
  if (outcome?.$case === 'transaction') return { status: 200, text: jsonOf(outcome.value), replayed };
  if (outcome === undefined) throw new Error('the point context answered without an outcome');
  return { refusal: outcome.value, replayed };
}

/** Concatenated: of all values only an order's id can need escaping. The same as transactionJson. */
function jsonOf(transaction: Transaction): string {
  const { orderId } = transaction;
  return (
    `{"transactionId":"${transaction.id}","userId":"${transaction.userId}","type":"${transaction.type}"` +
    `,"amount":${transaction.amount},"balance":${transaction.balance}` +
    `,"orderId":${orderId === undefined ? 'null' : JSON.stringify(orderId)},"reason":null,"sourceId":null` +
    `,"createdAt":"${transaction.createdAt?.toISOString()}"}`
  );
}
