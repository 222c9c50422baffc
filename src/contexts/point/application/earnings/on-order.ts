import type { DeliveryOf, Handler } from '../../../../platform/events/bus.ts';
import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import type { EarningCommand } from '../../domain/earnings/earning-command.ts';
import type { PointLedger } from '../point-ledger.ts';
import type { EarningReader } from '../ports.ts';

/** The consumer group of the events of orders. */
export const EARNINGS_CONSUMER = 'point.order-earnings';
export const ORDER_TOPICS = ['order.paid', 'order.refunded'] as const satisfies readonly (keyof OrderEvents)[];

// The fields that are read here. The order context calls this one, so its types cannot be imported.
interface OrderPaid {
  readonly orderId: string;
  readonly userId: string;
  /** Absent in events from before orders could earn. */
  readonly paidInMoney?: string;
  readonly paidAt: string;
}
interface OrderRefunded {
  readonly orderId: string;
  readonly userId: string;
  readonly refundedAmount: string;
}
interface OrderEvents {
  readonly 'order.paid': OrderPaid;
  readonly 'order.refunded': OrderRefunded;
}

export interface OnOrderDeps {
  readonly ledger: Pick<PointLedger, 'submitBulk'>;
  readonly reader: EarningReader;
  /** Basis points of what was paid in money; 0: orders earn nothing. */
  readonly rateBp: bigint;
  /** From the payment until the points are available. */
  readonly delayDays: number;
}

/**
 * Gives points for orders that were paid in money, and takes them back with a refund. It needs no inbox: what is known of an order is
 * read under the lock of the account, and amounts of refunds are sums so far, so that a repeated or early event has no second effect.
 */
export const onOrder =
  ({ ledger, reader, rateBp, delayDays }: OnOrderDeps): Handler<DeliveryOf<OrderEvents>> =>
  async (batch) => {
    const paid = batch.flatMap(({ topic, event }) => (topic === 'order.paid' ? paidIn(event.data) : []));
    const refunds = batch.flatMap(({ topic, event }) => (topic === 'order.refunded' ? refundedIn(event.data) : []));
    const commands: EarningCommand[] = [...paid, ...(await thatMayConcern(refunds))];
    await Promise.all(commands.map((command) => ledger.submitBulk(command)));

    function paidIn({ orderId, userId, paidInMoney = '0', paidAt }: OrderPaid): readonly EarningCommand[] {
      const money = BigInt(paidInMoney);
      if (rateBp === 0n || money === 0n) return [];
      const availableAtMs = Date.parse(paidAt) + delayDays * DAY_MS;
      return [{ kind: 'ORDER_PAID', userId: BigInt(userId), orderId, money, rateBp, availableAtMs }];
    }

    /** Where orders earn nothing, only those that earned before matter. */
    async function thatMayConcern(all: readonly EarningCommand[]): Promise<readonly EarningCommand[]> {
      if (rateBp > 0n || all.length === 0) return all;
      const known = new Set((await reader.withEarnings(all)).map(({ orderId }) => orderId));
      return all.filter(({ orderId }) => known.has(orderId));
    }
  };

const refundedIn = ({ orderId, userId, refundedAmount }: OrderRefunded): EarningCommand => ({
  kind: 'ORDER_REFUNDED',
  userId: BigInt(userId),
  orderId,
  refunded: BigInt(refundedAmount),
});
