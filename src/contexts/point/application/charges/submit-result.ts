import type { Charge } from '../../domain/charges/charge.ts';
import type { ChargeResult } from '../../domain/charges/charge-command.ts';
import type { PointLedger } from '../point-ledger.ts';

/** Applies a result to a charge that exists. Returns the charge as it is then, and whether the result changed it. */
export async function submitResult(
  ledger: Pick<PointLedger, 'submit'>,
  { id: chargeId, userId }: Pick<Charge, 'id' | 'userId'>,
  result: ChargeResult,
): Promise<{ readonly charge: Charge; readonly changed: boolean }> {
  const outcome = await ledger.submit({ kind: 'CHARGE_RESULT', userId, chargeId, result });
  if (outcome.kind !== 'charge') throw new Error(`charge ${chargeId} takes no result: ${outcome.kind}`);
  return outcome;
}
