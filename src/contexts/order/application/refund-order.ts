import type { Principal } from '../../../gen/stampede/common/v1/common.ts';
import { RefundResponse } from '../../../gen/stampede/order/v1/order.ts';
import { type Keep, Replay } from '../../../platform/kernel/command-key.ts';
import { contentHash } from '../../../platform/kernel/content-hash.ts';
import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { RefundOrderRequest } from '../api.ts';
import type { OrderOutcome } from '../domain/decision.ts';
import type { Order } from '../domain/order.ts';
import { checkOrder } from './check-order.ts';
import { onceChanged } from './once-changed.ts';
import { refundAnswer, refusedOrder } from './order-answers.ts';
import type { OrderBatcher } from './order-batcher.ts';
import type { OrderReader } from './ports.ts';
import type { Settle } from './settle.ts';

/** A refund is kept by the order; a refusal that is final is kept here. */
const resultOf: Keep<OrderOutcome>['resultOf'] = (outcome) =>
  outcome.kind === 'refused' && outcome.refusal.code === 'ORDER_NOT_REFUNDABLE'
    ? RefundResponse.encode(refusedOrder(outcome.refusal)).finish()
    : onceChanged(outcome);

export interface RefundOrderDeps {
  readonly reader: Pick<OrderReader, 'findOrder'>;
  /** Who made a product; undefined: there is none. */
  readonly creatorOf: (productId: bigint) => Promise<bigint | undefined>;
  readonly batcher: Pick<OrderBatcher, 'submit' | 'submitOnce'>;
  readonly settle: Settle;
}

/**
 * Gives all or some units of a paid order back: for ADMIN and SERVICE, and for the OWNER of all its products. Answers PENDING
 * when money, points or coupon are not back in time; they come later.
 */
export const refundOrder =
  ({ reader, creatorOf, batcher, settle }: RefundOrderDeps) =>
  async ({ principal, orderId, key, lines, reason, commandKey }: RefundOrderRequest): Promise<RefundResponse> => {
    const refusal = checkOrder({ key, reason, refundLines: lines }) ?? (await denied(principal, orderId));
    if (refusal) return refusedOrder(refusal);
    const content = lines.map(({ line, quantity }) => [line, quantity]);
    const fact = {
      kind: 'REFUND',
      key,
      contentHash: contentHash('REFUND', content, reason),
      lines,
      reason,
      by: `${principal?.role}:${principal?.userId}`,
    } as const;
    const command = { kind: 'FACT', orderId, userId: null, fact } as const;
    const keep = commandKey && { commandKey, resultOf };
    const first = await batcher.submitOnce({ ...command, keep });
    if (first instanceof Replay && first.result === undefined) return refusedOrder(refuse('IDEMPOTENCY_KEY_REUSED'));
    if (first instanceof Replay && first.result?.length)
      return { ...RefundResponse.decode(first.result), replayed: true };
    // The order remembers the refund by its own key.
    const outcome = first instanceof Replay ? await batcher.submit(command) : first;
    if (outcome.kind === 'refused') return refusedOrder(outcome.refusal, outcome.replayed);
    if (outcome.kind !== 'order' || !outcome.refund) throw new Error(`order ${orderId} was refunded without a refund`);
    const { refund, order } = await settle.refund({ refund: outcome.refund, order: outcome.order });
    return refundAnswer(refund, order, outcome.replayed);

    async function denied(asker: Principal | undefined, id: bigint): Promise<Refusal | undefined> {
      if (asker?.role === 'ADMIN' || asker?.role === 'SERVICE') return undefined;
      if (asker?.role !== 'OWNER') return refuse('FORBIDDEN');
      const order = await reader.findOrder(id);
      // One of another shop is as if it were missing, so that ids cannot be probed.
      return order && (await isWhollyOf(order, asker.userId)) ? undefined : refuse('ORDER_NOT_FOUND');
    }

    async function isWhollyOf(order: Order, ownerId: bigint): Promise<boolean> {
      const products = new Set(order.lines.map(({ productId }) => productId));
      const creators = await Promise.all([...products].map(creatorOf));
      return creators.every((creator) => creator === ownerId);
    }
  };
