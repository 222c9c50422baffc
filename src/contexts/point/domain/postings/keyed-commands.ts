import { minOf } from '../../../../platform/kernel/money.ts';
import { refuse } from '../../refusals.ts';
import type { KeyedCommand } from '../command.ts';
import type { PointOutcome } from '../decision.ts';
import { isFinal } from '../final-refusals.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { done, insufficient, refused, replayed } from '../outcome.ts';

/** Decides a command once for its key: a repeat gets the first outcome, a transaction or a final refusal. */
export function decideOnce(work: LedgerUnitOfWork, command: KeyedCommand, limit: bigint): PointOutcome {
  const { userId, key, contentHash } = command;
  const transaction = work.keyed(userId, key);
  const refusal = work.refused(userId, key);
  const before = transaction ?? refusal;
  if (before && before.contentHash !== contentHash) return refused(refuse('IDEMPOTENCY_KEY_REUSED'));
  if (transaction) return replayed(transaction);
  if (refusal) return { kind: 'refused', refusal: refusal.refusal, replayed: true };
  const outcome = decide(work, command, limit);
  if (outcome.kind === 'refused' && isFinal(outcome.refusal))
    work.refuse({ userId, key, contentHash, refusal: outcome.refusal });
  return outcome;
}

function decide(work: LedgerUnitOfWork, command: KeyedCommand, limit: bigint): PointOutcome {
  switch (command.kind) {
    case 'CHARGE':
      return charge(work, command, limit);
    case 'EARN':
      return earn(work, command);
    case 'USE':
      return debit(work, command, command.amount);
    case 'ADJUST':
      return command.amount < 0n ? debit(work, command, -command.amount) : credit(work, command, NEVER_EXPIRES);
  }
}

const NEVER_EXPIRES = { availableAtMs: null, expiresAtMs: Number.POSITIVE_INFINITY };

function charge(work: LedgerUnitOfWork, command: KeyedCommand, limit: bigint): PointOutcome {
  const full = work.refusalAbove(command.userId, command.amount, limit);
  if (full) return refused(full);
  return credit(work, command, NEVER_EXPIRES);
}

/** Earned points repay first what the user owes. */
function earn(work: LedgerUnitOfWork, command: KeyedCommand & { kind: 'EARN' }): PointOutcome {
  const { availableAtMs, expiresAtMs } = command;
  if (expiresAtMs <= Math.max(work.nowMs, availableAtMs ?? 0)) {
    return refused(refuse('VALIDATION_FAILED', { expiresAt: 'must be later than now and than availableAt' }));
  }
  const receivable = -minOf(work.account(command.userId).receivable, command.amount);
  return credit(work, command, { availableAtMs, expiresAtMs }, receivable);
}

type Validity = { readonly availableAtMs: number | null; readonly expiresAtMs: number };

function credit(work: LedgerUnitOfWork, command: KeyedCommand, lots: Validity, receivable = 0n): PointOutcome {
  const { userId, kind: type, amount } = command;
  const parts = partsOf(command);
  return done(work.post({ userId, type, from: 'ISSUER', to: 'USER', amount, receivable, lots, parts }));
}

function debit(work: LedgerUnitOfWork, command: KeyedCommand, amount: bigint): PointOutcome {
  const { userId, kind: type } = command;
  const queue = work.spendable(userId);
  const lots = queue.plan(amount);
  if (!lots) return insufficient(queue.available());
  const to = type === 'USE' ? 'SPENT' : 'ISSUER';
  return done(work.post({ userId, type, from: 'USER', to, amount, lots, parts: partsOf(command) }));
}

function partsOf(command: KeyedCommand) {
  const { key, contentHash } = command;
  return {
    key,
    contentHash,
    orderId: command.kind === 'USE' ? command.orderId : null,
    reason: 'reason' in command ? command.reason : null,
    by: 'by' in command ? command.by : null,
  };
}
