import type { Charge } from '../domain/charges/charge.ts';
import type { ChargeResult, PaymentNames } from '../domain/charges/charge-command.ts';
import { chargeIdIn, keys, type PointCommand } from '../domain/command.ts';
import type { Transaction } from '../domain/postings/transaction.ts';

/** The moment at which the tests happen: noon in Seoul. */
export const NOW_MS = Date.UTC(2026, 2, 1, 3);
export const FOREVER = Number.POSITIVE_INFINITY;
export const BALANCE_MAX = 1_000_000n;

const hashOf = (amount: bigint, ...rest: readonly unknown[]) => [amount, ...rest].join(' ');

export const charge = (userId: bigint, amount: bigint, key: string): PointCommand => ({
  kind: 'CHARGE',
  userId,
  amount,
  key: keys.given(key),
  contentHash: hashOf(amount),
});

/** Expires `expiresInMs` from now and is available `availableInMs` from now. */
export const earn = (
  userId: bigint,
  amount: bigint,
  key: string,
  expiresInMs: number = FOREVER,
  availableInMs?: number,
  nowMs = NOW_MS,
): PointCommand => ({
  kind: 'EARN',
  userId,
  amount,
  key: keys.given(key),
  contentHash: hashOf(amount),
  reason: 'a test',
  by: 'ADMIN:1',
  availableAtMs: availableInMs === undefined ? null : nowMs + availableInMs,
  expiresAtMs: nowMs + expiresInMs,
});

export const use = (userId: bigint, amount: bigint, key: string, orderId: string | null = null): PointCommand => ({
  kind: 'USE',
  userId,
  amount,
  orderId,
  key: keys.given(key),
  contentHash: hashOf(amount, orderId),
});

export const adjust = (userId: bigint, amount: bigint, key: string): PointCommand => ({
  kind: 'ADJUST',
  userId,
  amount,
  key: keys.given(key),
  contentHash: hashOf(amount),
  reason: 'a test',
  by: 'ADMIN:1',
});

export const openCharge = (userId: bigint, amount: bigint, key: string): PointCommand => ({
  kind: 'OPEN_CHARGE',
  userId,
  amount,
  currency: 'KRW',
  key: keys.given(key),
  contentHash: hashOf(amount, 'paid'),
});
export const chargeResult = (userId: bigint, chargeId: bigint, result: ChargeResult): PointCommand => ({
  kind: 'CHARGE_RESULT',
  userId,
  chargeId,
  result,
});
/** The provider reports money: for the payment of the charge, unless another one is named. */
export const moneyIn = (
  { id, userId, amount }: Pick<Charge, 'id' | 'userId' | 'amount'>,
  paid = amount,
  names: Partial<PaymentNames> = {},
): PointCommand =>
  chargeResult(userId, id, { kind: 'MONEY_IN', amount: paid, paymentId: id, providerRef: null, ...names });

/** At 1 percent, available at once. */
export const orderPaid = (userId: bigint, orderId: string, money: bigint, availableAtMs = NOW_MS): PointCommand => ({
  kind: 'ORDER_PAID',
  userId,
  orderId,
  money,
  rateBp: 100n,
  availableAtMs,
});
export const orderRefunded = (userId: bigint, orderId: string, refunded: bigint): PointCommand => ({
  kind: 'ORDER_REFUNDED',
  userId,
  orderId,
  refunded,
});

export const hold = (userId: bigint, orderId: string, amount: bigint): PointCommand => ({
  kind: 'HOLD',
  userId,
  orderId,
  amount,
});
export const release = (userId: bigint, orderId: string): PointCommand => ({ kind: 'RELEASE', userId, orderId });
export const spend = (userId: bigint, orderId: string, amount: bigint): PointCommand => ({
  kind: 'SPEND',
  userId,
  orderId,
  amount,
});
export const capture = (userId: bigint, orderId: string): PointCommand => ({ kind: 'CAPTURE', userId, orderId });
export const refund = (userId: bigint, orderId: string, refundId: string, amount: bigint): PointCommand => ({
  kind: 'REFUND',
  userId,
  orderId,
  refundId,
  amount,
});

export function cancel(source: Transaction, prolongs = true): PointCommand {
  const { id, type, amount, receivable, orderId, userId } = source;
  if (type !== 'CHARGE' && type !== 'EARN' && type !== 'USE') throw new Error(`${type} is not cancelled`);
  return {
    kind: 'CANCEL',
    userId,
    source: { id, type, amount, receivable, orderId, chargeId: chargeIdIn(source) },
    reason: null,
    by: 'ADMIN:1',
    prolongs,
  };
}
