import { Unavailable } from '../../../../platform/kernel/refusal.ts';
import { type PaymentProvider, paymentDeclined } from '../../../payment/api.ts';
import { type Charge, needsRequest } from '../../domain/charges/charge.ts';
import type { ChargeResult } from '../../domain/charges/charge-command.ts';
import type { PointLedger } from '../point-ledger.ts';
import { submitResult } from './submit-result.ts';

export interface ChargeDeps {
  readonly ledger: Pick<PointLedger, 'submit'>;
  readonly provider: PaymentProvider;
  /** Called with the error of a call to the provider, whose outcome is unknown. */
  readonly onStepFailure: (error: unknown, chargeId: bigint) => void;
}

/**
 * Requests the payment of a charge from the provider, which is idempotent, and applies the response. Several nodes may do so at once. Rejects
 * with Unavailable when the response is unknown; the scheduler or a repeat of the request then sends it again.
 */
export async function requestPayment(deps: ChargeDeps, charge: Charge): Promise<Charge> {
  const { ledger, onStepFailure } = deps;
  try {
    return (await submitResult(ledger, charge, await ask(deps, charge))).charge;
  } catch (failure) {
    onStepFailure(failure, charge.id);
    const { charge: now } = await submitResult(ledger, charge, { kind: 'REQUEST_FAILED' });
    // Another node may have got the response meanwhile.
    if (!needsRequest(now)) return now;
    throw new Unavailable('DEPENDENCY_UNAVAILABLE', `charge ${charge.id}: the provider did not respond`, 1, {
      cause: failure,
    });
  }
}

async function ask({ provider }: ChargeDeps, { id, userId, amount }: Charge): Promise<ChargeResult> {
  const begun = await provider.begin({ paymentId: id, orderId: id, userId, amount });
  const { providerRef } = begun;
  switch (begun.kind) {
    case 'PENDING':
      return { kind: 'PAYMENT_REQUESTED', providerRef, providerUrl: begun.url };
    case 'COMPLETED':
      return { kind: 'MONEY_IN', paymentId: id, providerRef, amount };
    case 'DECLINED':
      return { kind: 'MONEY_REFUSED', paymentId: id, providerRef, refusal: paymentDeclined(begun.reason) };
  }
}
