import type { FastifyInstance } from 'fastify';
import type { PointService, Transaction, TransactionResponse } from '../../../contexts/point/api.ts';
import { subjectOf } from '../../auth/principal.ts';
import { routeKey } from '../../idempotency/idempotency.ts';
import { keyAcrossUsers, requiredCall } from '../../idempotency/keyed-call.ts';
import { type HotDeps, type HotResponse, hotRoutes, parsedBody } from '../../server/hot-route.ts';
import type { OperationSpec } from '../../server/operation.ts';
import { ChargeBody, TRANSACTION_EXAMPLE, TransactionView, UseBody } from './point.schemas.ts';

/**
 * Charging and using points are hot routes. The ledger stores the result of a key in the transaction that moved the
 * points, so customers' keys need no other record: two commits less for each request.
 */
export const CHARGE_SPEC: OperationSpec = {
  summary: 'Charge points',
  description: 'For the caller; ADMIN and SERVICE for any user. The resulting balance is limited.',
  access: 'ANY_TOKEN',
  status: 200,
  idempotent: 'required',
  bodyExample: { amount: 10000 },
  response: { schema: TransactionView, example: TRANSACTION_EXAMPLE },
  refusals: ['POINT_LIMIT_EXCEEDED', 'FORBIDDEN'],
};

export const USE_SPEC: OperationSpec = {
  summary: 'Use points',
  description:
    'For the caller; ADMIN and SERVICE for any user. Points that expire first are used first, then the oldest.',
  access: 'ANY_TOKEN',
  status: 200,
  idempotent: 'required',
  bodyExample: { amount: 3000, orderId: 'order-981' },
  response: {
    schema: TransactionView,
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
      responseOf(await point.chargePoints({ userId, amount, key, commandKey })),
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
      responseOf(await point.usePoints({ userId, amount, key, orderId, commandKey })),
    );
  });
}

function responseOf({ outcome, replayed }: TransactionResponse): HotResponse {
  if (outcome?.$case === 'transaction') return { status: 200, text: jsonOf(outcome.value), replayed };
  if (outcome === undefined) throw new Error('the point context returned no outcome');
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
