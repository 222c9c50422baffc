import { submitKeyed } from '../../../../platform/batching/submit-keyed.ts';
import type { Idempotency } from '../../../../platform/kernel/command-key.ts';
import { contentHash } from '../../../../platform/kernel/content-hash.ts';
import { isManager } from '../../../../platform/kernel/operator.ts';
import { refusalIn, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { managerOf, type StoreChecks } from '../../../store/api.ts';
import { type RefundOrderRequest, type RefundResponse, stored } from '../../api.ts';
import type { OrderOutcome } from '../../domain/decision.ts';
import type { Order } from '../../domain/order.ts';
import { type OrderRefusalCode, refuse } from '../../refusals.ts';
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

function storedOutcome(result: Uint8Array): OrderOutcome | undefined {
  if (result.length === 0) return undefined;
  const refusal = refusalIn<OrderRefusalCode>(stored.RefundResponse.decode(result));
  return refusal && { kind: 'refused', refusal, replayed: true };
}

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
    if (!isManager(manager?.role)) return toRefusalResponse(refuse('FORBIDDEN'));
    const isOwner = manager?.role === 'OWNER';
    const content = lines.map(({ line, quantity }) => [line, quantity]);
    const refundCommand = {
      kind: 'REFUND',
      key,
      contentHash: contentHash<Omit<RefundOrderRequest, 'orderId'>>('REFUND', { lines: content, reason }),
      lines,
      stores: isOwner ? manager.stores : null,
      reason,
      by: `${principal?.role}:${principal?.userId}`,
    } as const;
    const command = { kind: 'COMMAND', orderId, userId: null, command: refundCommand } as const;
    // The order finds the refund by its key.
    const outcome = await submitKeyed(batcher, command, { commandKey, resultOf, storedOutcome });
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
