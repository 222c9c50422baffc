import type { ScheduledTask } from '../../../../platform/context.ts';
import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import { Unavailable } from '../../../../platform/kernel/refusal.ts';
import type { Order, Refund } from '../../domain/order.ts';
import type { OrderReader } from '../ports.ts';
import { advanceRefund } from '../refund/advance-refund.ts';
import { type AdvanceDeps, advanceOrder } from './advance-order.ts';
import { mapConcurrent } from './map-concurrent.ts';
import type { WithTimeout } from './order-timeout.ts';

const PAGE = 512;
/** Each order waits for other contexts most of its time. */
const CONCURRENCY = 64;

export interface ResumeDeps {
  readonly advancing: AdvanceDeps;
  readonly reader: Pick<OrderReader, 'dueOrders' | 'dueRefunds' | 'nextDueMs' | 'findOrder'>;
  readonly now: TimeSource;
  /** For each order, so that one that hangs does not block the others. */
  readonly withTimeout: WithTimeout;
}

/**
 * Resumes orders and refunds whose request no longer runs, because a process died or a context was unavailable, and ends orders whose
 * time is over. A step that fails is retried later, after growing delays.
 * @throws the first unexpected error, after all due orders and refunds were processed
 */
export const resumeOrders = ({ advancing, reader, now, withTimeout }: ResumeDeps): ScheduledTask => ({
  name: 'order.resume',
  everyMinutes: 1,
  // Never notified: orders wait for minutes, and the next due time is read every few seconds.
  dueTimes: { next: reader.nextDueMs, changed: createNotifier() },
  async run(signal) {
    const bugs: unknown[] = [];
    /** One failure does not stop the others: an unavailable step was scheduled again, and an unexpected error is thrown at the end. */
    const isDone = (work: Promise<boolean>): Promise<boolean> =>
      work.catch((error: unknown) => {
        if (!(error instanceof Unavailable) && bugs.length === 0) bugs.push(error);
        return false;
      });
    let total = 0;
    for (let isMore = true; isMore && !signal.aborted; ) {
      const nowMs = await now();
      const orders = await reader.dueOrders(nowMs, PAGE);
      const refunds = await reader.dueRefunds(nowMs, PAGE);
      const resumed = await mapConcurrent(orders, CONCURRENCY, (order) =>
        isDone(withTimeout(resumeOrder(advancing, order))),
      );
      const refunded = await mapConcurrent(refunds, CONCURRENCY, (refund) =>
        isDone(withTimeout(resumeRefund(advancing, reader, refund))),
      );
      const done = [...resumed, ...refunded].filter(Boolean).length;
      total += done;
      // A page without any progress would be read again and again.
      isMore = done > 0;
    }
    for (const bug of bugs) throw bug;
    return total;
  },
});

async function resumeOrder(advancing: AdvanceDeps, due: Order): Promise<boolean> {
  if (due.state.step !== null) {
    await advanceOrder(advancing, due);
    return true;
  }
  const timeOut = { kind: 'COMMAND', orderId: due.id, userId: null, command: { kind: 'TIME_OUT' } } as const;
  const outcome = await advancing.batcher.submit(timeOut);
  if (outcome.kind !== 'order') throw new Error(`order ${due.id} is due, but missing: ${outcome.kind}`);
  await advanceOrder(advancing, outcome.order);
  return outcome.changed;
}

async function resumeRefund(advancing: AdvanceDeps, reader: ResumeDeps['reader'], due: Refund): Promise<boolean> {
  const order = await reader.findOrder(due.orderId);
  if (!order) throw new Error(`refund ${due.id} has no order`);
  const { refund } = await advanceRefund(advancing, { refund: due, order });
  return refund.step !== due.step;
}
