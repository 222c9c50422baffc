import { contentHash } from '../../../../platform/kernel/content-hash.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { ChargePointsRequest, TransactionResponse } from '../../api.ts';
import { keys } from '../../domain/command.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import { submitOnce } from './submit-once.ts';

/** Credits points without a payment here: the shop has the money. */
export const chargePoints =
  (ledger: PointLedger) =>
  async ({ userId, amount, key, commandKey }: ChargePointsRequest): Promise<TransactionResponse> => {
    const wrong = checkInput({ userId, amount, key });
    if (wrong) return toRefusalResponse(wrong);
    const hash = contentHash<ChargePointsRequest>('CHARGE', { amount });
    const command = { kind: 'CHARGE' as const, userId, amount, key: keys.given(key), contentHash: hash };
    return await submitOnce(ledger, command, commandKey);
  };
