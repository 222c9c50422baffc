import { submitKeyed } from '../../../../platform/batching/submit-keyed.ts';
import type { CommandKey } from '../../../../platform/kernel/command-key.ts';
import type { TransactionResponse } from '../../api.ts';
import type { KeyedCommand } from '../../domain/command.ts';
import type { PointOutcome } from '../../domain/decision.ts';
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
  return toTransactionResponse(await submitKeyed(ledger, command, { commandKey, resultOf }));
}

/** The ledger stores all transactions and refusals except this one. */
const resultOf = (outcome: PointOutcome): Uint8Array | undefined =>
  outcome.kind === 'refused' && outcome.refusal.code === 'IDEMPOTENCY_KEY_REUSED' ? undefined : MARK;

const MARK = new Uint8Array();
