import { type Idempotency, Replay } from '../../../../platform/kernel/command-key.ts';
import { contentHash } from '../../../../platform/kernel/content-hash.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { managerOf, type StoreChecks } from '../../../store/api.ts';
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

/** A refund is stored with its order; a final refusal is stored under the command key. */
const resultOf: Idempotency<OrderOutcome>['resultOf'] = (outcome) =>
  outcome.kind === 'refused' && outcome.refusal.code === 'ORDER_NOT_REFUNDABLE'
    ? stored.RefundResponse.encode(toRefusalResponse(outcome.refusal)).finish()
    : changeResult(outcome);

export interface RefundOrderDeps {
  readonly stores: StoreChecks;
  readonly batcher: Pick<OrderBatcher, 'submit' | 'submitOnce'>;
  readonly runner: CheckoutRunner;
}

/**
 * Refunds all or some units of a paid order. An OWNER refunds lines of their stores, operators all lines. Returns PENDING when
 * money, points or coupon are not returned in time; the scheduler continues.
 */
export const refundOrder =
  ({ stores, batcher, runner }: RefundOrderDeps) =>
  async ({ principal, orderId, key, lines, reason, commandKey }: RefundOrderRequest): Promise<RefundResponse> => {
    const invalid = checkOrder({ key, reason, refundLines: lines });
    if (invalid) return toRefusalResponse(invalid);
    const manager = await managerOf(stores, principal);
    const isOwner = manager?.role === 'OWNER';
    if (!isOwner && !isOperator(manager?.role)) return toRefusalResponse(refuse('FORBIDDEN'));
    const content = lines.map(({ line, quantity }) => [line, quantity]);
    const refundCommand = {
      kind: 'REFUND',
      key,
      contentHash: contentHash('REFUND', content, reason),
      lines,
      stores: isOwner ? manager.stores : null,
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
    return toRefundResponse(refund, isOwner ? withLinesOf(manager.stores, order) : order, outcome.replayed);
  };

/** An OWNER does not see what else was ordered from others. */
const withLinesOf = (stores: ReadonlySet<bigint>, order: Order): Order => ({
  ...order,
  lines: order.lines.filter(({ storeId }) => storeId !== null && stores.has(storeId)),
});
