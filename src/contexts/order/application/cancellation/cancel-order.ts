import { Replay } from '../../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { CancelOrderRequest, OrderResponse } from '../../api.ts';
import type { Order } from '../../domain/order.ts';
import { refuse } from '../../refusals.ts';
import type { CheckoutRunner } from '../checkout/run-checkout.ts';
import { changeResult } from '../command-results.ts';
import type { OrderBatcher } from '../order-batcher.ts';
import { toOrderResponse } from '../order-views.ts';
import type { OrderReader } from '../ports.ts';

export interface CancelOrderDeps {
  readonly reader: Pick<OrderReader, 'findOrder'>;
  readonly batcher: Pick<OrderBatcher, 'submitOnce'>;
  readonly runner: CheckoutRunner;
}

/** Cancels an unpaid order and releases what it took. The steps that the order has are executed first. */
export const cancelOrder =
  ({ reader, batcher, runner }: CancelOrderDeps) =>
  async ({ orderId, userId, commandKey }: CancelOrderRequest): Promise<OrderResponse> => {
    const found = await reader.findOrder(orderId);
    if (!found || (userId !== undefined && found.userId !== userId))
      return toRefusalResponse(refuse('ORDER_NOT_FOUND'));
    await runner.runCheckout(found);
    const command = { kind: 'CANCEL' } as const;
    const idempotency = commandKey && { commandKey, resultOf: changeResult };
    const outcome = await batcher.submitOnce({
      kind: 'COMMAND',
      orderId,
      userId: userId ?? null,
      command,
      idempotency,
    });
    if (outcome instanceof Replay) return await replayed(outcome, found);
    if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal, outcome.replayed);
    if (outcome.kind !== 'order') throw new Error(`the outcome of cancelling order ${orderId} is ${outcome.kind}`);
    const { order } = await runner.runCheckout(outcome.order);
    return toOrderResponse(order, !outcome.changed);

    async function replayed({ result }: Replay, before: Order): Promise<OrderResponse> {
      if (result === undefined) return toRefusalResponse(refuse('IDEMPOTENCY_KEY_REUSED'));
      const { order: after } = await runner.runCheckout((await reader.findOrder(orderId)) ?? before);
      return toOrderResponse(after, true);
    }
  };
