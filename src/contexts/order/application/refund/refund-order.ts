import { type Idempotency, Replay } from '../../../../platform/kernel/command-key.ts';
import { contentHash } from '../../../../platform/kernel/content-hash.ts';
import type { Principal } from '../../../../platform/kernel/contract.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import { type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { RefundOrderRequest } from '../../api.ts';
import { type RefundResponse, stored } from '../../api.ts';
import type { OrderOutcome } from '../../domain/decision.ts';
import type { Order } from '../../domain/order.ts';
import { refuse } from '../../refusals.ts';
import { checkOrder } from '../check-order.ts';
import type { CheckoutRunner } from '../checkout/run-checkout.ts';
import { changeResult } from '../command-results.ts';
import type { OrderBatcher } from '../order-batcher.ts';
import { toRefundResponse } from '../order-views.ts';
import type { OrderReader } from '../ports.ts';

/** A refund is stored with its order; a final refusal is stored under the command key. */
const resultOf: Idempotency<OrderOutcome>['resultOf'] = (outcome) =>
  outcome.kind === 'refused' && outcome.refusal.code === 'ORDER_NOT_REFUNDABLE'
    ? stored.RefundResponse.encode(toRefusalResponse(outcome.refusal)).finish()
    : changeResult(outcome);

export interface RefundOrderDeps {
  readonly reader: Pick<OrderReader, 'findOrder'>;
  /** Returns the user who created a product; undefined when it does not exist. */
  readonly creatorOf: (productId: bigint) => Promise<bigint | undefined>;
  readonly batcher: Pick<OrderBatcher, 'submit' | 'submitOnce'>;
  readonly runner: CheckoutRunner;
}

/**
 * Refunds all or some units of a paid order. Allowed for ADMIN and SERVICE, and for the OWNER of all its products. Returns PENDING when
 * money, points or coupon are not returned in time; the scheduler continues.
 */
export const refundOrder =
  ({ reader, creatorOf, batcher, runner }: RefundOrderDeps) =>
  async ({ principal, orderId, key, lines, reason, commandKey }: RefundOrderRequest): Promise<RefundResponse> => {
    const refusal = checkOrder({ key, reason, refundLines: lines }) ?? (await denied(principal, orderId));
    if (refusal) return toRefusalResponse(refusal);
    const content = lines.map(({ line, quantity }) => [line, quantity]);
    const refundCommand = {
      kind: 'REFUND',
      key,
      contentHash: contentHash('REFUND', content, reason),
      lines,
      reason,
      by: `${principal?.role}:${principal?.userId}`,
    } as const;
    const command = { kind: 'COMMAND', orderId, userId: null, command: refundCommand } as const;
    const idempotency = commandKey && { commandKey, resultOf };
    const first = await batcher.submitOnce({ ...command, idempotency });
    if (first instanceof Replay && first.result === undefined)
      return toRefusalResponse(refuse('IDEMPOTENCY_KEY_REUSED'));
    if (first instanceof Replay && first.result?.length)
      return { ...stored.RefundResponse.decode(first.result), replayed: true };
    // The order finds the refund by its key.
    const outcome = first instanceof Replay ? await batcher.submit(command) : first;
    if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal, outcome.replayed);
    if (outcome.kind !== 'order' || !outcome.refund) throw new Error(`refunding order ${orderId} returned no refund`);
    const { refund, order } = await runner.runRefund({ refund: outcome.refund, order: outcome.order });
    return toRefundResponse(refund, order, outcome.replayed);

    async function denied(caller: Principal | undefined, id: bigint): Promise<Refusal | undefined> {
      if (isOperator(caller?.role)) return undefined;
      if (caller?.role !== 'OWNER') return refuse('FORBIDDEN');
      const order = await reader.findOrder(id);
      // Not found, as a missing order, so that ids cannot be probed.
      return order && (await isWhollyOf(order, caller.userId)) ? undefined : refuse('ORDER_NOT_FOUND');
    }

    async function isWhollyOf(order: Order, ownerId: bigint): Promise<boolean> {
      const products = new Set(order.lines.map(({ productId }) => productId));
      const creators = await Promise.all([...products].map(creatorOf));
      return creators.every((creator) => creator === ownerId);
    }
  };
