import type { IdSource } from '../../../platform/kernel/ids.ts';
import { cancel } from './cancel.ts';
import type { PointCommand } from './command.ts';
import type { LedgerDecision, LedgerSnapshot, PointOutcome } from './decision.ts';
import { expire } from './expire.ts';
import { once } from './keyed.ts';
import { type LedgerDesk, ledgerDesk } from './ledger-desk.ts';
import { capture, hold, refund, release, spend } from './order-steps.ts';

export interface LedgerRules {
  readonly nowMs: number;
  readonly nextId: IdSource;
  /** What a user may have after a charge. */
  readonly balanceMax: bigint;
}

/**
 * Decides commands one after the other, each seeing what the ones before it did. Deciding a list in any split into batches
 * gives the same as deciding it whole.
 */
export function decideLedger(
  snapshot: LedgerSnapshot,
  commands: readonly PointCommand[],
  { nowMs, nextId, balanceMax }: LedgerRules,
): LedgerDecision {
  const { desk, decision } = ledgerDesk(snapshot, nowMs, nextId);
  return decision(commands.map((command) => decideOne(desk, command, balanceMax)));
}

function decideOne(desk: LedgerDesk, command: PointCommand, balanceMax: bigint): PointOutcome {
  switch (command.kind) {
    case 'CHARGE':
    case 'EARN':
    case 'USE':
    case 'ADJUST':
      return once(desk, command, balanceMax);
    case 'HOLD':
      return hold(desk, command);
    case 'RELEASE':
      return release(desk, command);
    case 'SPEND':
      return spend(desk, command);
    case 'CAPTURE':
      return capture(desk, command);
    case 'REFUND':
      return refund(desk, command);
    case 'CANCEL':
      return cancel(desk, command);
    case 'EXPIRE':
      return expire(desk, command);
  }
}
