import { refuse } from '../../../platform/kernel/refusal.ts';
import type { CancelOrderRequest, OrderResponse } from '../api.ts';
import { orderAnswer, refusedOrder } from './order-answers.ts';
import type { OrderLane } from './order-lane.ts';
import type { OrderReader } from './ports.ts';
import type { Settle } from './settle.ts';

export interface CancelOrderDeps {
  readonly reader: Pick<OrderReader, 'findOrder'>;
  readonly lane: Pick<OrderLane, 'submit'>;
  readonly settle: Settle;
}

/** Ends an order that is not paid and gives back what it took. What it is at is brought to its end first. */
export const cancelOrder =
  ({ reader, lane, settle }: CancelOrderDeps) =>
  async ({ orderId, userId }: CancelOrderRequest): Promise<OrderResponse> => {
    const found = await reader.findOrder(orderId);
    if (!found || (userId !== undefined && found.userId !== userId)) return refusedOrder(refuse('ORDER_NOT_FOUND'));
    await settle.order(found);
    const fact = { kind: 'CANCEL' } as const;
    const outcome = await lane.submit({ kind: 'FACT', orderId, userId: userId ?? null, fact });
    if (outcome.kind === 'refused') return refusedOrder(outcome.refusal, outcome.replayed);
    if (outcome.kind !== 'order') throw new Error(`order ${orderId} was cancelled and answered ${outcome.kind}`);
    const { order } = await settle.order(outcome.order);
    return orderAnswer(order, !outcome.changed);
  };
