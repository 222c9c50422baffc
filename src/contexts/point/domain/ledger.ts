import type { IdSource } from '../../../platform/kernel/ids.ts';
import { chargeResult } from './charges/charge-results.ts';
import { openCharge } from './charges/open-charge.ts';
import type { PointCommand } from './command.ts';
import type { LedgerDecision, LedgerSnapshot, PointOutcome } from './decision.ts';
import { orderPaid, orderRefunded } from './earnings/earn-with-order.ts';
import { capture, hold, refund, release, spend } from './holds/hold-commands.ts';
import { type LedgerUnitOfWork, ledgerUnitOfWork } from './ledger-unit-of-work.ts';
import { expire } from './lots/expire.ts';
import { cancel } from './postings/cancel.ts';
import { decideOnce } from './postings/keyed-commands.ts';

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
    case 'OPEN_CHARGE':
      return openCharge(work, command, balanceMax);
    case 'CHARGE_RESULT':
      return chargeResult(work, command, balanceMax);
    case 'ORDER_PAID':
      return orderPaid(work, command);
    case 'ORDER_REFUNDED':
      return orderRefunded(work, command);
  }
}
