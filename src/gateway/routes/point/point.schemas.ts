import { z } from 'zod';
import {
  AMOUNT_MAX,
  CHARGE_STATUSES,
  type Charge,
  ORDER_ID_MAX,
  REASON_MAX,
  TRANSACTION_TYPES,
  type Transaction,
} from '../../../contexts/point/api.ts';
import { oneOf } from '../../server/one-of.ts';
import {
  BodyId,
  BodyUserId,
  Currency,
  currencyOf,
  IdText,
  Instant,
  InstantText,
  idOrNull,
  requiredInstant,
  requiredText,
  UserIdText,
} from '../../server/schemas.ts';

/** At least one point, in the currency's smallest unit, parsed to a bigint. */
const Points = z.int().min(1).max(Number(AMOUNT_MAX)).transform(BigInt);

export const ChargeBody = z.strictObject({
  userId: BodyUserId.optional(),
  amount: Points,
  method: z.literal('EXTERNAL').optional().meta({ description: 'How a customer pays: at the payment provider' }),
});
export const UseBody = z.strictObject({
  userId: BodyUserId.optional(),
  amount: Points,
  orderId: requiredText(ORDER_ID_MAX).optional(),
});
export const EarnBody = z.strictObject({
  userId: BodyUserId,
  amount: Points,
  reason: requiredText(REASON_MAX),
  expiresAt: Instant.optional().meta({ description: 'The points expire at this time; absent: never' }),
  availableAt: Instant.optional().meta({ description: 'The points can be used from this time on; absent: at once' }),
});
export const CancelBody = z.strictObject({ transactionId: BodyId, reason: requiredText(REASON_MAX).optional() });

export const TransactionView = z
  .strictObject({
    transactionId: IdText,
    ...UserIdText,
    type: z.enum(TRANSACTION_TYPES),
    amount: z.int().meta({ description: 'The change of the balance, negative when points were used' }),
    balance: z.int().meta({ description: 'The balance after it: available and pending points' }),
    receivable: z.int().meta({
      description:
        'The change of what the user owes: positive when earned points were taken back that had been spent, negative when earned points ' +
        'repaid it',
    }),
    orderId: z.string().nullable(),
    reason: z.string().nullable(),
    sourceId: IdText.nullable().meta({
      description: 'The transaction that it reverses, refunds, releases or captures',
    }),
    createdAt: InstantText,
  })
  .meta({ id: 'PointTransaction' });

export const TRANSACTION_EXAMPLE: z.input<typeof TransactionView> = {
  transactionId: '7330011234567892',
  userId: '1001',
  type: 'CHARGE',
  amount: 10000,
  balance: 12500,
  receivable: 0,
  orderId: null,
  reason: null,
  sourceId: null,
  createdAt: '2035-01-01T01:00:00.123Z',
};

export const transactionJson = (transaction: Transaction): z.input<typeof TransactionView> => ({
  transactionId: String(transaction.id),
  userId: String(transaction.userId),
  type: oneOf(TRANSACTION_TYPES, transaction.type),
  amount: Number(transaction.amount),
  balance: Number(transaction.balance),
  receivable: Number(transaction.receivable),
  orderId: transaction.orderId ?? null,
  reason: transaction.reason ?? null,
  sourceId: idOrNull(transaction.sourceId),
  createdAt: requiredInstant(transaction.createdAt),
});

const CHARGE_REFUND_STATUSES = ['PENDING', 'COMPLETED'] as const;

export const ChargeView = z
  .strictObject({
    chargeId: IdText.nullable().meta({
      description: 'null when ADMIN or SERVICE charged directly',
    }),
    ...UserIdText,
    status: z.enum(CHARGE_STATUSES).meta({
      description: 'PENDING: the customer has to pay at `providerUrl`. REFUNDED: it was cancelled later',
    }),
    amount: z.int(),
    currency: Currency.nullable().meta({ description: 'null when charged directly' }),
    transactionId: IdText.nullable().meta({ description: 'The transaction that credited the points; null until then' }),
    balance: z.int().nullable().meta({ description: 'The balance after that transaction' }),
    providerUrl: z.string().nullable().meta({ description: 'Where the customer pays' }),
    failure: z.string().nullable().meta({ description: 'The code of the reason for which it FAILED' }),
    createdAt: InstantText,
    expiresAt: InstantText.nullable().meta({
      description: 'When an unpaid charge ends; null when charged directly',
    }),
    settledAt: InstantText.nullable().meta({ description: 'When it was paid, declined or expired' }),
    refunds: z.array(
      z
        .strictObject({
          refundId: IdText,
          amount: z.int(),
          reason: z.string(),
          status: z.enum(CHARGE_REFUND_STATUSES).meta({ description: 'COMPLETED: the provider has accepted it' }),
          createdAt: InstantText,
        })
        .meta({ id: 'PointChargeRefund' }),
    ),
  })
  .meta({ id: 'PointCharge' });

export const CHARGE_EXAMPLE: z.input<typeof ChargeView> = {
  chargeId: '7330011234567893',
  userId: '1001',
  status: 'PENDING',
  amount: 10000,
  currency: 'KRW',
  transactionId: null,
  balance: null,
  providerUrl: 'https://pay.example/p/5f1c',
  failure: null,
  createdAt: '2035-01-01T01:00:00.123Z',
  expiresAt: '2035-01-01T01:10:00.123Z',
  settledAt: null,
  refunds: [],
};

export const chargeJson = (charge: Charge): z.input<typeof ChargeView> => ({
  chargeId: String(charge.id),
  userId: String(charge.userId),
  status: oneOf(CHARGE_STATUSES, charge.status),
  amount: Number(charge.amount),
  currency: currencyOf(charge),
  transactionId: idOrNull(charge.transactionId),
  balance: charge.balance === undefined ? null : Number(charge.balance),
  providerUrl: charge.providerUrl ?? null,
  failure: charge.failure ?? null,
  createdAt: requiredInstant(charge.createdAt),
  expiresAt: requiredInstant(charge.expiresAt),
  settledAt: charge.settledAt === undefined ? null : requiredInstant(charge.settledAt),
  refunds: charge.refunds.map(({ id, amount, reason, status, createdAt }) => ({
    refundId: String(id),
    amount: Number(amount),
    reason,
    status: oneOf(CHARGE_REFUND_STATUSES, status),
    createdAt: requiredInstant(createdAt),
  })),
});

export const BalanceView = z
  .strictObject({
    ...UserIdText,
    balance: z.int().meta({ description: 'available + pending' }),
    available: z.int(),
    pending: z.int().meta({ description: 'Not available yet' }),
    held: z.int().meta({ description: 'Set aside for orders; not in the balance' }),
    receivable: z.int().meta({
      description:
        'What the user owes, because earned points were taken back that had been spent. Points earned later repay it',
    }),
    expiringSoon: z
      .array(z.strictObject({ amount: z.int(), expiresAt: InstantText }).meta({ id: 'ExpiringPoints' }))
      .meta({ description: 'Points that expire within 30 days, in order of expiry, at most 10' }),
  })
  .meta({ id: 'PointBalance' });

export const BALANCE_EXAMPLE: z.input<typeof BalanceView> = {
  userId: '1001',
  balance: 12500,
  available: 12000,
  pending: 500,
  held: 0,
  receivable: 0,
  expiringSoon: [{ amount: 2000, expiresAt: '2035-01-31T15:00:00.000Z' }],
};
