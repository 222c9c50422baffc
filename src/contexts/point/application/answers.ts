import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { HoldResponse, Transaction as ShownTransaction, TransactionResponse } from '../api.ts';
import type { PointOutcome } from '../domain/decision.ts';
import type { Transaction } from '../domain/transaction.ts';

export const transactionRefused = (value: Refusal, replayed = false): TransactionResponse => ({
  outcome: { $case: 'refusal', value },
  replayed,
});

export const holdRefused = (value: Refusal): HoldResponse => ({ outcome: { $case: 'refusal', value } });

export function transactionAnswer(outcome: PointOutcome): TransactionResponse {
  if (outcome.kind === 'refused') return transactionRefused(outcome.refusal, outcome.replayed);
  if (outcome.kind !== 'done') throw new Error('an answer without a transaction');
  const value = shownTransaction(outcome.transaction);
  return { outcome: { $case: 'transaction', value }, replayed: outcome.replayed };
}

export function holdAnswer(outcome: PointOutcome): HoldResponse {
  if (outcome.kind === 'refused') return holdRefused(outcome.refusal);
  if (outcome.kind !== 'hold') throw new Error('an answer without a hold');
  const { userId, orderId, amount, state } = outcome.hold;
  const refunded = state.status === 'CAPTURED' ? state.refunded : 0n;
  return { outcome: { $case: 'hold', value: { userId, orderId, amount, state: state.status, refunded } } };
}

export const shownTransaction = (transaction: Transaction): ShownTransaction => ({
  id: transaction.id,
  userId: transaction.userId,
  type: transaction.type,
  amount: transaction.amount,
  balance: transaction.balance,
  orderId: transaction.orderId ?? undefined,
  reason: transaction.reason ?? undefined,
  sourceId: transaction.sourceId ?? undefined,
  createdAt: new Date(transaction.createdAtMs),
});
