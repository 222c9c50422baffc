import { isOperator } from '../../../../platform/kernel/operator.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { ChargeResponse, GetChargeRequest } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import type { ChargeReader } from '../ports.ts';
import { toChargeView } from './charge-view.ts';

/** Reads a charge. One of another user is not found, so that ids cannot be probed. */
export const getCharge =
  (reader: Pick<ChargeReader, 'findCharge'>) =>
  async ({ principal, chargeId }: GetChargeRequest): Promise<ChargeResponse> => {
    const found = await reader.findCharge(chargeId);
    const mayRead = found && (isOperator(principal?.role) || principal?.userId === found.charge.userId);
    if (!mayRead) return toRefusalResponse(refuse('CHARGE_NOT_FOUND'));
    return { outcome: { $case: 'charge', value: toChargeView(found.charge, found.refunds) }, replayed: false };
  };
