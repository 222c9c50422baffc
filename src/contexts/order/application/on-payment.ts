import type { Delivery, Handler } from '../../../platform/events/bus.ts';
import type { PaymentEvents } from '../../payment/api.ts';
import type { MoneyFact } from '../domain/command.ts';
import { declined } from './declined.ts';
import type { OrderBatcher } from './order-batcher.ts';
import type { Settle } from './settle.ts';

export interface OnPaymentDeps {
  readonly batcher: Pick<OrderBatcher, 'submit'>;
  readonly settle: Settle;
}

/** Who handles payment events here. */
export const PAYMENTS_CONSUMER = 'order.payments';
export const PAYMENT_TOPICS = ['payment.completed.v1', 'payment.failed.v1'] as const;

/** Orders of other systems are named otherwise, or have numbers that are none of ours. */
const ORDER_ID = /^[1-9]\d{0,18}$/;
const ORDER_ID_MAX = 2n ** 63n - 1n;

/**
 * Payments that others tell of pay our orders, too. No inbox: a payment is known by its own id under its order's lock, so that what is
 * told again, or was told by the provider before, changes nothing. An order's news are taken in their order.
 */
export const onPayment =
  ({ batcher, settle }: OnPaymentDeps): Handler =>
  async (batch) => {
    const byOrder = new Map<bigint, MoneyFact[]>();
    for (const delivery of batch) {
      const orderId = orderIdOf(delivery);
      if (orderId === undefined) continue;
      const news = byOrder.get(orderId) ?? [];
      byOrder.set(orderId, [...news, factOf(delivery)]);
    }
    await Promise.all([...byOrder].map(([orderId, news]) => hear(orderId, news)));

    async function hear(orderId: bigint, news: readonly MoneyFact[]): Promise<void> {
      for (const fact of news) {
        const outcome = await batcher.submit({ kind: 'FACT', orderId, userId: null, fact });
        // Somebody else's order, or nothing new.
        if (outcome.kind !== 'order' || !outcome.changed) continue;
        await settle.withinTimeout(outcome.order, outcome.payment, outcome.refund);
      }
    }
  };

function orderIdOf({ event }: Delivery): bigint | undefined {
  const { orderId } = event.data as PaymentEvents['payment.failed.v1'];
  if (!ORDER_ID.test(orderId)) return undefined;
  const id = BigInt(orderId);
  return id <= ORDER_ID_MAX ? id : undefined;
}

function factOf({ topic, event }: Delivery): MoneyFact {
  const { paymentId: providerRef } = event.data as { readonly paymentId: string };
  const news = { payment: { providerRef }, heard: 'BUS' } as const;
  if (topic === 'payment.completed.v1') {
    const { amount } = event.data as PaymentEvents['payment.completed.v1'];
    return { kind: 'MONEY_IN', ...news, amount: BigInt(amount) };
  }
  if (topic !== 'payment.failed.v1') throw new Error(`${topic} is no payment`);
  const { reason } = event.data as PaymentEvents['payment.failed.v1'];
  return { kind: 'MONEY_REFUSED', ...news, refusal: declined(reason) };
}
