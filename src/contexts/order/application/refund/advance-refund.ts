import type { RefundStepResult } from '../../domain/input.ts';
import { nextRefundStep, type RefundStepCall } from '../../domain/next-step.ts';
import type { Order, Refund } from '../../domain/order.ts';
import type { AdvanceDeps } from '../checkout/advance-order.ts';
import { type CheckoutServices, requireNoRefusal, requireRestored } from '../checkout/execute-step.ts';

export interface AdvancedRefund {
  readonly refund: Refund;
  readonly order: Order;
}

/**
 * Executes a refund's steps until none is left, or until one fails, which the scheduler retries. Returns the refund as it is then.
 * Stock and amounts changed when it was created; its steps only return money, points and coupon, and every call is idempotent.
 */
export async function advanceRefund(deps: AdvanceDeps, from: AdvancedRefund): Promise<AdvancedRefund> {
  let advanced = from;
  while (advanced.refund.step !== null) {
    const { refund, order } = advanced;
    const result = await attemptRefundStep(deps, advanced, advanced.refund.step);
    const outcome = await deps.batcher.submit({ kind: 'RESULT', orderId: order.id, result });
    if (outcome.kind !== 'order' || !outcome.refund) throw new Error(`refund ${refund.id} is missing`);
    advanced = { refund: outcome.refund, order: outcome.order };
    if (result.kind === 'REFUND_FAILED') break;
  }
  return advanced;
}

async function attemptRefundStep(
  { services, reader, onStepFailure }: AdvanceDeps,
  { refund, order }: AdvancedRefund,
  step: NonNullable<Refund['step']>,
): Promise<RefundStepResult> {
  try {
    const payment = await reader.findPayment(refund.paymentId);
    if (!payment) throw new Error(`payment ${refund.paymentId} is missing`);
    const call = nextRefundStep(refund, order, payment);
    if (call) await executeRefundStep(services, call);
    return { kind: 'REFUND_STEP', refundId: refund.id, step };
  } catch (failure) {
    onStepFailure(failure, order.id);
    return { kind: 'REFUND_FAILED', refundId: refund.id, step };
  }
}

async function executeRefundStep({ coupon, point, provider }: CheckoutServices, call: RefundStepCall): Promise<void> {
  switch (call.kind) {
    case 'REFUND_MONEY':
      return await provider.refund(call);
    case 'REFUND_POINTS':
      return requireNoRefusal(await point.refundCapture(call));
    case 'RESTORE_COUPON':
      return requireRestored(await coupon.restoreCoupon({ ...call, unpaid: false }));
  }
}
