import type { CommandKey } from '../../../platform/kernel/command-key.ts';
import { Replay } from '../../../platform/kernel/command-key.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { TransactionResponse } from '../api.ts';
import type { KeyedCommand } from '../domain/command.ts';
import type { PointOutcome } from '../domain/decision.ts';
import { transactionAnswer, transactionRefused } from './answers.ts';
import type { PointLedger } from './point-ledger.ts';

/**
 * Submits a command that the ledger itself repeats by the key of its user. With a `commandKey` the key is marked in the same
 * transaction, so that it has no effect for another user. Refused: IDEMPOTENCY_KEY_REUSED.
 */
export async function submitOnce(
  ledger: PointLedger,
  command: KeyedCommand,
  commandKey: CommandKey | undefined,
): Promise<TransactionResponse> {
  const outcome = await ledger.submitOnce({ ...command, keep: commandKey && { commandKey, resultOf } });
  if (!(outcome instanceof Replay)) return transactionAnswer(outcome);
  if (outcome.result === undefined) return transactionRefused(refuse('IDEMPOTENCY_KEY_REUSED'));
  // The ledger has the first response.
  return transactionAnswer(await ledger.submit(command));
}

/** Transactions and refusals are kept by the ledger, all but this one. */
const resultOf = (outcome: PointOutcome): Uint8Array | undefined =>
  outcome.kind === 'refused' && outcome.refusal.code === 'IDEMPOTENCY_KEY_REUSED' ? undefined : MARK;

const MARK = new Uint8Array();
