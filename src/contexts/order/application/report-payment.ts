import { refuse } from '../../../platform/kernel/refusal.ts';
import type { PaymentResponse, ReportPaymentRequest } from '../api.ts';
import type { MoneyFact } from '../domain/command.ts';
import { checkOrder } from './check-order.ts';
import { declined } from './declined.ts';
import { paymentAnswer, refusedOrder } from './order-answers.ts';
import type { OrderBatcher } from './order-batcher.ts';
import type { Settle } from './settle.ts';

export interface ReportPaymentDeps {
  readonly batcher: Pick<OrderBatcher, 'submit'>;
  readonly settle: Settle;
}

/** What a provider says of a payment. Once it is written down it is heard, whatever becomes of its order: that goes on by itself. */
export const reportPayment =
  ({ batcher, settle }: ReportPaymentDeps) =>
  async (request: ReportPaymentRequest): Promise<PaymentResponse> => {
    const { orderId, status, amount, reason, providerRef } = request;
    const wrong = checkOrder({ status, amount, reason, providerRef });
    if (wrong) return refusedOrder(wrong);
    const outcome = await batcher.submit({ kind: 'FACT', orderId, userId: null, fact: factOf(request) });
    if (outcome.kind === 'refused') return refusedOrder(outcome.refusal, outcome.replayed);
    // A payment that is not known cannot have failed.
    if (outcome.kind !== 'order' || !outcome.payment) return refusedOrder(refuse('ORDER_NOT_FOUND'));
    const { order } = await settle.withinTimeout(outcome.order, outcome.payment, outcome.refund);
    return paymentAnswer(outcome.payment, order, !outcome.changed);
  };

function factOf({ paymentId, providerRef, status, amount, reason = '' }: ReportPaymentRequest): MoneyFact {
  const payment = providerRef === undefined ? { paymentId } : { paymentId, providerRef };
  const news = { payment, heard: 'DIRECTLY' } as const;
  if (status === 'COMPLETED') return { kind: 'MONEY_IN', ...news, amount };
  return { kind: 'MONEY_REFUSED', ...news, refusal: declined(reason) };
}
