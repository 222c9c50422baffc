import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type { HoldResponse, TransactionResponse, Transaction as TransactionView } from '../api.ts';
import type { PointOutcome } from '../domain/decision.ts';
import type { Transaction } from '../domain/postings/transaction.ts';

export function toTransactionResponse(outcome: PointOutcome): TransactionResponse {
  if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal, outcome.replayed);
  if (outcome.kind !== 'done') throw new Error('the outcome has no transaction');
  const value = toTransactionView(outcome.transaction);
  return { outcome: { $case: 'transaction', value }, replayed: outcome.replayed };
}

export function toHoldResponse(outcome: PointOutcome): HoldResponse {
  if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal);
  if (outcome.kind !== 'hold') throw new Error('the outcome has no hold');
  const { userId, orderId, amount, state } = outcome.hold;
  const refunded = state.status === 'CAPTURED' ? state.refunded : 0n;
  return { outcome: { $case: 'hold', value: { userId, orderId, amount, state: state.status, refunded } } };
}

export const toTransactionView = (transaction: Transaction): TransactionView => ({
  id: transaction.id,
  userId: transaction.userId,
  type: transaction.type,
  amount: transaction.amount,
  balance: transaction.balance,
  receivable: transaction.receivable,
  orderId: transaction.orderId ?? undefined,
  reason: transaction.reason ?? undefined,
  sourceId: transaction.sourceId ?? undefined,
  createdAt: new Date(transaction.createdAtMs),
});
