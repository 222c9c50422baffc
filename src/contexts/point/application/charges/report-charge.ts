import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { paymentDeclined } from '../../../payment/api.ts';
import type { ChargeResponse, ReportChargeRequest } from '../../api.ts';
import type { ChargeResult } from '../../domain/charges/charge-command.ts';
import { AMOUNT_MAX } from '../../domain/limits.ts';
import { refuse } from '../../refusals.ts';
import type { PointLedger } from '../point-ledger.ts';
import type { ChargeReader } from '../ports.ts';
import { toChargeView } from './charge-view.ts';
import { submitResult } from './submit-result.ts';

export interface ReportChargeDeps {
  readonly ledger: Pick<PointLedger, 'submit'>;
  readonly reader: Pick<ChargeReader, 'findCharge'>;
  /** Called when money has to go back. */
  readonly onRefund: () => void;
}

/** Records a provider's report. Money that cannot be used goes back after the response. */
export const reportCharge =
  ({ ledger, reader, onRefund }: ReportChargeDeps) =>
  async (request: ReportChargeRequest): Promise<ChargeResponse> => {
    const { chargeId, amount } = request;
    const result = resultOf(request);
    if (!result) return toRefusalResponse(refuse('VALIDATION_FAILED', { status: 'must be COMPLETED or FAILED' }));
    if (amount < 0n || amount > AMOUNT_MAX) {
      return toRefusalResponse(refuse('VALIDATION_FAILED', { amount: `must be 0 to ${AMOUNT_MAX}` }));
    }
    const found = await reader.findCharge(chargeId);
    if (!found) return toRefusalResponse(refuse('CHARGE_NOT_FOUND'));
    const { charge, changed } = await submitResult(ledger, found.charge, result);
    if (changed && charge.state.status !== 'COMPLETED') onRefund();
    return { outcome: { $case: 'charge', value: toChargeView(charge, []) }, replayed: !changed };
  };

function resultOf({ paymentId, providerRef, status, amount, reason = '' }: ReportChargeRequest) {
  const names = { paymentId, providerRef: providerRef ?? null };
  if (status === 'COMPLETED') return { kind: 'MONEY_IN', ...names, amount } satisfies ChargeResult;
  if (status === 'FAILED')
    return { kind: 'MONEY_REFUSED', ...names, refusal: paymentDeclined(reason) } satisfies ChargeResult;
  return undefined;
}
