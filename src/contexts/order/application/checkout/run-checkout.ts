import { Unavailable } from '../../../../platform/kernel/refusal.ts';
import type { WithTimeout } from '../../../../platform/kernel/steps-timeout.ts';
import type { Order, Payment, Refund } from '../../domain/order.ts';
import { type AdvancedRefund, advanceRefund } from '../refund/advance-refund.ts';
import { type AdvanceDeps, type AdvancedOrder, advanceOrder } from './advance-order.ts';

/** Executes the steps of an order before a request returns. */
export interface CheckoutRunner {
  /** Executes the order's steps until it is at rest. Rejects with Unavailable after the timeout; the steps go on. */
  runCheckout(order: Order, payment?: Payment | null): Promise<AdvancedOrder>;
  /** Executes the refund's steps within the timeout. The scheduler executes those that are left. */
  runRefund(advanced: AdvancedRefund): Promise<AdvancedRefund>;
  /** The same for an order after a report of a payment, which is recorded already: does not reject when the order is not at rest in time. */
  tryCheckout(order: Order, payment: Payment | null, refund: Refund | null): Promise<AdvancedOrder>;
}

export function checkoutRunner(deps: AdvanceDeps, withTimeout: WithTimeout): CheckoutRunner {
  async function runCheckout(from: Order, payment: Payment | null = null): Promise<AdvancedOrder> {
    // Most orders are at rest at once.
    if (from.state.step === null) return { order: from, payment, refund: null };
    const advanced = await withTimeout(advanceOrder(deps, from, payment));
    if (advanced.refund === null) return advanced;
    return { ...advanced, ...(await runRefund({ refund: advanced.refund, order: advanced.order })) };
  }

  async function runRefund(advanced: AdvancedRefund): Promise<AdvancedRefund> {
    if (advanced.refund.step === null) return advanced;
    return await withTimeout(advanceRefund(deps, advanced)).catch(ifUnavailable(advanced));
  }

  return {
    runCheckout,
    runRefund,
    async tryCheckout(from, payment, refund) {
      const reported: AdvancedOrder = { order: from, payment, refund };
      const advanced = await runCheckout(from, payment).catch(ifUnavailable(reported));
      if (refund === null) return advanced;
      return { ...advanced, ...(await runRefund({ refund, order: advanced.order })) };
    },
  };
}

const ifUnavailable =
  <Result>(fallback: Result) =>
  (error: unknown): Result => {
    if (error instanceof Unavailable) return fallback;
    throw error;
  };
