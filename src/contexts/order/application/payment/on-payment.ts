import type { DeliveryOf, Handler } from '../../../../platform/events/bus.ts';
import { parseId } from '../../../../platform/kernel/id-text.ts';
import { type PaymentEvents, paymentDeclined } from '../../../payment/api.ts';
import type { PaymentResult } from '../../domain/input.ts';
import type { CheckoutRunner } from '../checkout/run-checkout.ts';
import type { OrderBatcher } from '../order-batcher.ts';

export interface OnPaymentDeps {
  readonly batcher: Pick<OrderBatcher, 'submit'>;
  readonly runner: CheckoutRunner;
}

/** The consumer group of payment events. */
export const PAYMENTS_CONSUMER = 'order.payments';
export const PAYMENT_TOPICS = [
  'payment.completed.v1',
  'payment.failed.v1',
] as const satisfies readonly (keyof PaymentEvents)[];
type PaymentEvent = DeliveryOf<PaymentEvents>;

/**
 * Applies payment events of other systems to our orders. It needs no inbox: a payment is found by its id under the order's lock, so a
 * repeated event, or one that the provider reported before, changes nothing. The events of one order are applied in their order.
 */
export const onPayment =
  ({ batcher, runner }: OnPaymentDeps): Handler<PaymentEvent> =>
  async (batch) => {
    const byOrder = new Map<bigint, PaymentResult[]>();
    for (const delivery of batch) {
      const orderId = orderIdOf(delivery);
      if (orderId === undefined) continue;
      const results = byOrder.get(orderId) ?? [];
      byOrder.set(orderId, [...results, resultOf(delivery)]);
    }
    await Promise.all([...byOrder].map(([orderId, results]) => applyResults(orderId, results)));

    async function applyResults(orderId: bigint, results: readonly PaymentResult[]): Promise<void> {
      for (const result of results) {
        const outcome = await batcher.submit({ kind: 'RESULT', orderId, result });
        // The order of another system, or nothing new.
        if (outcome.kind !== 'order' || !outcome.changed) continue;
        await runner.tryCheckout(outcome.order, outcome.payment, outcome.refund);
      }
    }
  };

/** Returns undefined for an order of another system whose ids have another form or range. */
const orderIdOf = ({ event }: PaymentEvent): bigint | undefined => parseId(event.data.orderId);

function resultOf({ topic, event }: PaymentEvent): PaymentResult {
  const report = { payment: { providerRef: event.data.paymentId }, source: 'BUS' } as const;
  return topic === 'payment.completed.v1'
    ? { kind: 'MONEY_IN', ...report, amount: BigInt(event.data.amount) }
    : { kind: 'MONEY_REFUSED', ...report, refusal: paymentDeclined(event.data.reason) };
}
