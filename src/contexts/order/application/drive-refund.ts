import type { Fact } from '../domain/command.ts';
import { type NextRefundAction, nextRefundAction } from '../domain/next-action.ts';
import type { Order, Refund } from '../domain/order.ts';
import type { DriveDeps } from './drive.ts';
import { type CheckoutServices, isRestored, mustNotRefuse } from './perform-step.ts';

export interface DrivenRefund {
  readonly refund: Refund;
  readonly order: Order;
}

/**
 * Does a refund's steps until it is DONE, or until one fails, which the scheduler tries again. Answers it as it is then. Stock and
 * figures changed when it was made; what is left is to give back, and every call of that may be repeated.
 */
export async function driveRefund(deps: DriveDeps, from: DrivenRefund): Promise<DrivenRefund> {
  let driven = from;
  while (driven.refund.step !== null) {
    const { refund, order } = driven;
    const fact = await tryStep(deps, driven, driven.refund.step);
    const outcome = await deps.batcher.submit({ kind: 'FACT', orderId: order.id, userId: null, fact });
    if (outcome.kind !== 'order' || !outcome.refund) throw new Error(`refund ${refund.id} is missing`);
    driven = { refund: outcome.refund, order: outcome.order };
    if (fact.kind === 'REFUND_FAILED') break;
  }
  return driven;
}

async function tryStep(
  { services, reader, onTrouble }: DriveDeps,
  { refund, order }: DrivenRefund,
  step: NonNullable<Refund['step']>,
): Promise<Fact> {
  try {
    const payment = await reader.findPayment(refund.paymentId);
    if (!payment) throw new Error(`payment ${refund.paymentId} is missing`);
    const action = nextRefundAction(refund, order, payment);
    if (action) await giveBack(services, action);
    return { kind: 'REFUND_STEP', refundId: refund.id, step };
  } catch (trouble) {
    onTrouble(trouble, order.id);
    return { kind: 'REFUND_FAILED', refundId: refund.id, step };
  }
}

async function giveBack({ coupon, point, provider }: CheckoutServices, action: NextRefundAction): Promise<void> {
  switch (action.kind) {
    case 'REFUND_MONEY':
      return await provider.refund(action);
    case 'REFUND_POINTS':
      return mustNotRefuse(await point.refundCapture(action));
    case 'RESTORE_COUPON':
      return isRestored(await coupon.restoreCoupon({ ...action, unpaid: false }));
  }
}
