import { Unavailable } from '../../../platform/kernel/refusal.ts';
import type { Order, Payment, Refund } from '../domain/order.ts';
import { type DriveDeps, type Driven, drive } from './drive.ts';
import { type DrivenRefund, driveRefund } from './drive-refund.ts';
import type { WithTimeout } from './order-timeout.ts';

/** How a request has orders brought to rest before it answers. */
export interface Settle {
  /** Rejects with Unavailable when it is not at rest in time. */
  order(order: Order, payment?: Payment | null): Promise<Driven>;
  /** As far as it comes in time: what is left comes later. */
  refund(driven: DrivenRefund): Promise<DrivenRefund>;
  /** The same of an order, for news that were heard whatever comes of them. */
  withinTimeout(order: Order, payment: Payment | null, refund: Refund | null): Promise<Driven>;
}

export function settle(deps: DriveDeps, withTimeout: WithTimeout): Settle {
  async function order(from: Order, payment: Payment | null = null): Promise<Driven> {
    // Nothing to wait for: most orders are at rest at once.
    if (from.state.step === null) return { order: from, payment, refund: null };
    const driven = await withTimeout(drive(deps, from, payment));
    if (driven.refund === null) return driven;
    return { ...driven, ...(await refund({ refund: driven.refund, order: driven.order })) };
  }

  async function refund(driven: DrivenRefund): Promise<DrivenRefund> {
    if (driven.refund.step === null) return driven;
    return await withTimeout(driveRefund(deps, driven)).catch(orElse(driven));
  }

  return {
    order,
    refund,
    async withinTimeout(from, payment, made) {
      const heard: Driven = { order: from, payment, refund: made };
      const driven = await order(from, payment).catch(orElse(heard));
      if (made === null) return driven;
      return { ...driven, ...(await refund({ refund: made, order: driven.order })) };
    },
  };
}

const orElse =
  <Result>(otherwise: Result) =>
  (error: unknown): Result => {
    if (error instanceof Unavailable) return otherwise;
    throw error;
  };
