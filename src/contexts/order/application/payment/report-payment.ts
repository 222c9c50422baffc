import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { paymentDeclined } from '../../../payment/api.ts';
import type { PaymentResponse, ReportPaymentRequest } from '../../api.ts';
import type { PaymentResult } from '../../domain/input.ts';
import { refuse } from '../../refusals.ts';
import { checkOrder } from '../check-order.ts';
import type { CheckoutRunner } from '../checkout/run-checkout.ts';
import type { OrderBatcher } from '../order-batcher.ts';
import { toPaymentResponse } from '../order-views.ts';

export interface ReportPaymentDeps {
  readonly batcher: Pick<OrderBatcher, 'submit'>;
  readonly runner: CheckoutRunner;
}

/** Records a provider's report of a payment. Succeeds once the report is stored; the order's steps may continue after the response. */
export const reportPayment =
  ({ batcher, runner }: ReportPaymentDeps) =>
  async (request: ReportPaymentRequest): Promise<PaymentResponse> => {
    const { orderId, status, amount, reason, providerRef } = request;
    const wrong = checkOrder({ status, amount, reason, providerRef });
    if (wrong) return toRefusalResponse(wrong);
    const outcome = await batcher.submit({ kind: 'RESULT', orderId, result: resultOf(request) });
    if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal, outcome.replayed);
    // A failure of an unknown payment changes nothing.
    if (outcome.kind !== 'order' || !outcome.payment) return toRefusalResponse(refuse('ORDER_NOT_FOUND'));
    const { order } = await runner.tryCheckout(outcome.order, outcome.payment, outcome.refund);
    return toPaymentResponse(outcome.payment, order, !outcome.changed);
  };

function resultOf({ paymentId, providerRef, status, amount, reason = '' }: ReportPaymentRequest): PaymentResult {
  const payment = providerRef === undefined ? { paymentId } : { paymentId, providerRef };
  const report = { payment, source: 'DIRECT' } as const;
  if (status === 'COMPLETED') return { kind: 'MONEY_IN', ...report, amount };
  return { kind: 'MONEY_REFUSED', ...report, refusal: paymentDeclined(reason) };
}
