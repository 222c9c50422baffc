import type { IdSource } from '../../../platform/kernel/ids.ts';
import { cancel } from './cancel.ts';
import type { PointCommand } from './command.ts';
import type { LedgerDecision, LedgerSnapshot, PointOutcome } from './decision.ts';
import { expire } from './expire.ts';
import { capture, hold, refund, release, spend } from './hold-commands.ts';
import { decideOnce } from './keyed-commands.ts';
import { type LedgerUnitOfWork, ledgerUnitOfWork } from './ledger-unit-of-work.ts';

export interface LedgerRules {
  readonly nowMs: number;
  readonly nextId: IdSource;
  /** The largest balance after a charge. */
  readonly balanceMax: bigint;
}

/**
 * Decides commands one after another; each sees the changes of the earlier ones. Any split of a list into batches has the same result
 * as one batch.
 */
export function decideLedger(
  snapshot: LedgerSnapshot,
  commands: readonly PointCommand[],
  { nowMs, nextId, balanceMax }: LedgerRules,
): LedgerDecision {
  const { work, decision } = ledgerUnitOfWork(snapshot, nowMs, nextId);
  return decision(commands.map((command) => decideOne(work, command, balanceMax)));
}

function decideOne(work: LedgerUnitOfWork, command: PointCommand, balanceMax: bigint): PointOutcome {
  switch (command.kind) {
    case 'CHARGE':
    case 'EARN':
    case 'USE':
    case 'ADJUST':
      return decideOnce(work, command, balanceMax);
    case 'HOLD':
      return hold(work, command);
    case 'RELEASE':
      return release(work, command);
    case 'SPEND':
      return spend(work, command);
    case 'CAPTURE':
      return capture(work, command);
    case 'REFUND':
      return refund(work, command);
    case 'CANCEL':
      return cancel(work, command);
    case 'EXPIRE':
      return expire(work, command);
  }
}
