import { contentHash } from '../../../../platform/kernel/content-hash.ts';
import { toRefusalResponse, Unavailable } from '../../../../platform/kernel/refusal.ts';
import type { WithTimeout } from '../../../../platform/kernel/steps-timeout.ts';
import type { PaymentProvider } from '../../../payment/api.ts';
import type { ChargeResponse, StartChargeRequest } from '../../api.ts';
import { asFirstReturned, type Charge, needsRequest } from '../../domain/charges/charge.ts';
import { keys } from '../../domain/command.ts';
import { refuse } from '../../refusals.ts';
import { checkInput } from '../check-input.ts';
import { toChargeView } from './charge-view.ts';
import { type ChargeDeps, requestPayment } from './request-payment.ts';

export interface StartChargeDeps extends Omit<ChargeDeps, 'provider'> {
  /** Undefined: customers cannot charge. */
  readonly provider: PaymentProvider | undefined;
  /** ISO 4217, of new charges. */
  readonly currency: string;
  readonly withTimeout: WithTimeout;
}

/** Opens a charge and asks the provider for its payment. A repeat with the key returns the first response. */
export const startCharge =
  ({ ledger, provider, currency, onStepFailure, withTimeout }: StartChargeDeps) =>
  async ({ userId, amount, key }: StartChargeRequest): Promise<ChargeResponse> => {
    if (provider === undefined) return toRefusalResponse(refuse('PAYMENT_PROVIDER_REQUIRED'));
    const wrong = checkInput({ userId, amount, key });
    if (wrong) return toRefusalResponse(wrong);
    const hash = contentHash<StartChargeRequest>('PAID_CHARGE', { amount });
    const outcome = await ledger.submit({
      kind: 'OPEN_CHARGE',
      userId,
      amount,
      currency,
      key: keys.given(key),
      contentHash: hash,
    });
    if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal, outcome.replayed);
    if (outcome.kind !== 'charge') throw new Error('opening a charge returned no charge');
    const { charge, replayed } = outcome;
    const deps = { ledger, provider, onStepFailure };
    return toResponse(needsRequest(charge) ? await withTimeout(requestPayment(deps, charge)) : charge, replayed);
  };

function toResponse(charge: Charge, replayed: boolean): ChargeResponse {
  const first = asFirstReturned(charge);
  if (first.state.status === 'FAILED') return toRefusalResponse(first.state.refusal, replayed);
  if (first.state.status === 'EXPIRED') return toRefusalResponse(refuse('CHARGE_EXPIRED'), replayed);
  if (needsRequest(first)) throw new Unavailable('DEPENDENCY_UNAVAILABLE', `charge ${charge.id} is being requested`);
  return { outcome: { $case: 'charge', value: toChargeView(first, []) }, replayed };
}
