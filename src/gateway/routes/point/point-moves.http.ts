import type { PointService, Transaction } from '../../../contexts/point/api.ts';
import { isOperator } from '../../../platform/kernel/operator.ts';
import { KeyedCall, keyAcrossUsers, routeKey, scopeOf } from '../../idempotency/keyed-call.ts';
import type { KeysInFlight } from '../../idempotency/keys-in-flight.ts';
import { hotResponse } from '../../server/hot-route.ts';
import { type Route, route } from '../../server/route.ts';
import { requiredInstant } from '../../server/schemas.ts';
import {
  CHARGE_EXAMPLE,
  ChargeBody,
  ChargeView,
  chargeJson,
  TRANSACTION_EXAMPLE,
  TransactionView,
  UseBody,
} from './point.schemas.ts';

export interface PointMoveDeps {
  readonly point: Pick<PointService, 'chargePoints' | 'startCharge' | 'usePoints'>;
  readonly keysInFlight: KeysInFlight;
}

/**
 * Charging and using points are hot routes. The ledger stores the result of a key in the transaction that moved the
 * points, so customers' keys need no other record: two commits less for each request.
 */
export const pointMoveRoutes = ({ point, keysInFlight }: PointMoveDeps): readonly Route[] => [
  route({
    id: 'chargePoints',
    tag: 'points',
    method: 'POST',
    paths: ['/api/v1/points/charge'],
    summary: 'Charge points',
    description:
      'A customer pays through the payment provider: the charge is PENDING with `providerUrl`, to be paid within 10 ' +
      'minutes, or COMPLETED at once. A repeat gets the first response; GET returns the present state. ADMIN and SERVICE ' +
      'charge directly, for any user: the shop has the money. The balance is limited.',
    access: 'ANY_TOKEN',
    scope: 'points:charge',
    addsUsers: true,
    machinesDoMore: true,
    hot: true,
    status: 201,
    idempotent: 'required',
    body: ChargeBody,
    bodyExample: { amount: 10000 },
    response: { schema: ChargeView, example: CHARGE_EXAMPLE },
    refusals: [
      'POINT_LIMIT_EXCEEDED',
      'PAYMENT_PROVIDER_REQUIRED',
      'OPEN_CHARGE_LIMIT_EXCEEDED',
      'PAYMENT_DECLINED',
      'PAYMENT_AMOUNT_MISMATCH',
      'CHARGE_EXPIRED',
    ],
    async handle({ principal, userId, key: clientKey, audit, operation, body: { amount } }) {
      const key = routeKey('charge', principal, clientKey);
      const charge = { userId, amount };
      const call = new KeyedCall(scopeOf(principal, operation), clientKey, charge, audit);
      const commandKey = keyAcrossUsers(principal, call);
      return await keysInFlight.run(call.place, async () =>
        isOperator(principal.role)
          ? hotResponse(await point.chargePoints({ ...charge, key, commandKey }), directChargeText)
          : hotResponse(await point.startCharge({ ...charge, key }), (started) => JSON.stringify(chargeJson(started))),
      );
    },
  }),
  route({
    id: 'usePoints',
    tag: 'points',
    method: 'POST',
    paths: ['/api/v1/points/use'],
    summary: 'Use points',
    description:
      'For the caller; ADMIN and SERVICE for any user. Points that expire first are used first, then the oldest.',
    access: 'ANY_TOKEN',
    scope: 'points:write',
    hot: true,
    status: 200,
    idempotent: 'required',
    body: UseBody,
    bodyExample: { amount: 3000, orderId: 'order-981' },
    response: {
      schema: TransactionView,
      example: { ...TRANSACTION_EXAMPLE, type: 'USE', amount: -3000, balance: 9500, orderId: 'order-981' },
    },
    refusals: ['INSUFFICIENT_POINTS'],
    async handle({ principal, userId, key: clientKey, audit, operation, body: { amount, orderId } }) {
      const key = routeKey('use', principal, clientKey);
      const use = { userId, amount, orderId };
      const call = new KeyedCall(scopeOf(principal, operation), clientKey, use, audit);
      const commandKey = keyAcrossUsers(principal, call);
      return await keysInFlight.run(call.place, async () =>
        hotResponse(await point.usePoints({ ...use, key, commandKey }), transactionText),
      );
    },
  }),
];

/** Concatenated, because nothing in it needs escaping: a ChargeView without a payment. Throws without a time. */
export function directChargeText({ id, userId, amount, balance, createdAt }: Transaction): string {
  const at = requiredInstant(createdAt);
  return (
    `{"chargeId":null,"userId":"${userId}","status":"COMPLETED","amount":${amount},"currency":null,"transactionId":"${id}"` +
    `,"balance":${balance},"providerUrl":null,"failure":null,"createdAt":"${at}","expiresAt":null` +
    `,"settledAt":"${at}","refunds":[]}`
  );
}

/** Concatenated: of all values only an order's id can need escaping. The same as transactionJson, which throws without a time, too. */
export function transactionText(transaction: Transaction): string {
  const { orderId } = transaction;
  return (
    `{"transactionId":"${transaction.id}","userId":"${transaction.userId}","type":"${transaction.type}"` +
    `,"amount":${transaction.amount},"balance":${transaction.balance},"receivable":${transaction.receivable}` +
    `,"orderId":${orderId === undefined ? 'null' : JSON.stringify(orderId)},"reason":null,"sourceId":null` +
    `,"createdAt":"${requiredInstant(transaction.createdAt)}"}`
  );
}
