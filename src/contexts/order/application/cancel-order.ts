import { Replay } from '../../../platform/kernel/command-key.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { CancelOrderRequest, OrderResponse } from '../api.ts';
import type { Order } from '../domain/order.ts';
import { onceChanged } from './once-changed.ts';
import { orderAnswer, refusedOrder } from './order-answers.ts';
import type { OrderBatcher } from './order-batcher.ts';
import type { OrderReader } from './ports.ts';
import type { Settle } from './settle.ts';

export interface CancelOrderDeps {
  readonly reader: Pick<OrderReader, 'findOrder'>;
  readonly batcher: Pick<OrderBatcher, 'submitOnce'>;
  readonly settle: Settle;
}

/** Ends an order that is not paid and gives back what it took. What it is at is brought to its end first. */
export const cancelOrder =
  ({ reader, batcher, settle }: CancelOrderDeps) =>
  async ({ orderId, userId, commandKey }: CancelOrderRequest): Promise<OrderResponse> => {
    const found = await reader.findOrder(orderId);
    if (!found || (userId !== undefined && found.userId !== userId)) return refusedOrder(refuse('ORDER_NOT_FOUND'));
    await settle.order(found);
    const fact = { kind: 'CANCEL' } as const;
    const keep = commandKey && { commandKey, resultOf: onceChanged };
    const outcome = await batcher.submitOnce({ kind: 'FACT', orderId, userId: userId ?? null, fact, keep });
    if (outcome instanceof Replay) return await replayed(outcome, found);
    if (outcome.kind === 'refused') return refusedOrder(outcome.refusal, outcome.replayed);
    if (outcome.kind !== 'order') throw new Error(`order ${orderId} was cancelled and answered ${outcome.kind}`);
    const { order } = await settle.order(outcome.order);
    return orderAnswer(order, !outcome.changed);

    async function replayed({ result }: Replay, before: Order): Promise<OrderResponse> {
      if (result === undefined) return refusedOrder(refuse('IDEMPOTENCY_KEY_REUSED'));
      const { order: after } = await settle.order((await reader.findOrder(orderId)) ?? before);
      return orderAnswer(after, true);
    }
  };
