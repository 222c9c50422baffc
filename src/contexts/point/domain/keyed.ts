import type { KeyedCommand } from './command.ts';
import type { PointOutcome } from './decision.ts';
import type { LedgerDesk } from './ledger-desk.ts';
import { done, insufficient, refused, replayed } from './outcome.ts';

/** Once for a key: what was answered before is answered again, be it a transaction or a refusal. */
export function once(desk: LedgerDesk, command: KeyedCommand, limit: bigint): PointOutcome {
  const { userId, key, contentHash } = command;
  const transaction = desk.keyed(userId, key);
  const refusal = desk.refused(userId, key);
  const before = transaction ?? refusal;
  if (before && before.contentHash !== contentHash) return refused('IDEMPOTENCY_KEY_REUSED');
  if (transaction) return replayed(transaction);
  if (refusal) return { kind: 'refused', refusal: refusal.refusal, replayed: true };
  const outcome = decide(desk, command, limit);
  if (outcome.kind === 'refused') desk.refuse({ userId, key, contentHash, refusal: outcome.refusal });
  return outcome;
}

function decide(desk: LedgerDesk, command: KeyedCommand, limit: bigint): PointOutcome {
  switch (command.kind) {
    case 'CHARGE':
      return charge(desk, command, limit);
    case 'EARN':
      return earn(desk, command);
    case 'USE':
      return take(desk, command, command.amount);
    case 'ADJUST':
      return command.amount < 0n ? take(desk, command, -command.amount) : give(desk, command, FOR_GOOD);
  }
}

const FOR_GOOD = { availableAtMs: null, expiresAtMs: Number.POSITIVE_INFINITY };

/** What is held counts: it may come back. */
function charge(desk: LedgerDesk, command: KeyedCommand, limit: bigint): PointOutcome {
  const balance = desk.balance(command.userId);
  if (balance + desk.account(command.userId).held + command.amount > limit) {
    return refused('POINT_LIMIT_EXCEEDED', { balance: String(balance), limit: String(limit) });
  }
  return give(desk, command, FOR_GOOD);
}

function earn(desk: LedgerDesk, command: KeyedCommand & { kind: 'EARN' }): PointOutcome {
  const { availableAtMs, expiresAtMs } = command;
  if (expiresAtMs <= Math.max(desk.nowMs, availableAtMs ?? 0)) {
    return refused('VALIDATION_FAILED', { expiresAt: 'must be later than now and than availableAt' });
  }
  return give(desk, command, { availableAtMs, expiresAtMs });
}

type Life = { readonly availableAtMs: number | null; readonly expiresAtMs: number };

function give(desk: LedgerDesk, command: KeyedCommand, lots: Life): PointOutcome {
  const { userId, kind: type, amount } = command;
  return done(desk.post({ userId, type, from: 'ISSUER', to: 'USER', amount, lots, parts: partsOf(command) }));
}

function take(desk: LedgerDesk, command: KeyedCommand, amount: bigint): PointOutcome {
  const { userId, kind: type } = command;
  const queue = desk.spendable(userId);
  const lots = queue.plan(amount);
  if (!lots) return insufficient(queue.available());
  const to = type === 'USE' ? 'SPENT' : 'ISSUER';
  return done(desk.post({ userId, type, from: 'USER', to, amount, lots, parts: partsOf(command) }));
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
