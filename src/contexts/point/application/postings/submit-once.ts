import { submitKeyed } from '../../../../platform/batching/submit-keyed.ts';
import type { CommandKey } from '../../../../platform/kernel/command-key.ts';
import type { TransactionResponse } from '../../api.ts';
import type { KeyedCommand } from '../../domain/command.ts';
import type { PointOutcome } from '../../domain/decision.ts';
import { isFinal } from '../../domain/final-refusals.ts';
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

/** As the ledger itself stores by the user's key. */
const resultOf = (outcome: PointOutcome): Uint8Array | undefined =>
  outcome.kind === 'refused' && !isFinal(outcome.refusal) ? undefined : MARK;

const MARK = new Uint8Array();
