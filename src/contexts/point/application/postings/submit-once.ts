import type { CommandKey } from '../../../../platform/kernel/command-key.ts';
import { Replay } from '../../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { TransactionResponse } from '../../api.ts';
import type { KeyedCommand } from '../../domain/command.ts';
import type { PointOutcome } from '../../domain/decision.ts';
import { refuse } from '../../refusals.ts';
import type { PointLedger } from '../point-ledger.ts';
import { toTransactionResponse } from '../views.ts';

/**
 * Submits a command for which the ledger stores the result by the user's key. With a `commandKey`, the same transaction also stores that
 * key, so that it has no effect for another user. Refused: IDEMPOTENCY_KEY_REUSED.
 */
export async function submitOnce(
  ledger: PointLedger,
  command: KeyedCommand,
  commandKey: CommandKey | undefined,
): Promise<TransactionResponse> {
  const outcome = await ledger.submitOnce({ ...command, idempotency: commandKey && { commandKey, resultOf } });
  if (!(outcome instanceof Replay)) return toTransactionResponse(outcome);
  if (outcome.result === undefined) return toRefusalResponse(refuse('IDEMPOTENCY_KEY_REUSED'));
  // The ledger has the first response.
  return toTransactionResponse(await ledger.submit(command));
}

/** The ledger stores all transactions and refusals except this one. */
const resultOf = (outcome: PointOutcome): Uint8Array | undefined =>
  outcome.kind === 'refused' && outcome.refusal.code === 'IDEMPOTENCY_KEY_REUSED' ? undefined : MARK;

const MARK = new Uint8Array();
