import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { Order } from '../order.ts';
import type { OrderUnitOfWork } from '../unit-of-work.ts';

/** Fails the payments that are PENDING. Money that arrives for one of them later is refunded. */
export function failPendingPayments(work: OrderUnitOfWork, order: Order, why: Refusal): void {
  for (const payment of work.payments(order.id)) {
    if (payment.status !== 'PENDING') continue;
    work.savePayment({ ...payment, status: 'FAILED', refusal: why, settledAtMs: work.rules.nowMs });
  }
}
