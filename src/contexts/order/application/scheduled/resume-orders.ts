import type { ScheduledTask } from '../../../../platform/context.ts';
import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import { Unavailable } from '../../../../platform/kernel/refusal.ts';
import type { Order, Refund } from '../../domain/order.ts';
import { type DriveDeps, drive } from '../drive.ts';
import { driveRefund } from '../drive-refund.ts';
import type { WithTimeout } from '../order-timeout.ts';
import type { OrderReader } from '../ports.ts';
import { mapConcurrent } from './map-concurrent.ts';

const PAGE = 512;
/** Each waits for other contexts most of its time. */
const AT_ONCE = 64;

export interface ResumeDeps {
  readonly driving: DriveDeps;
  readonly reader: Pick<OrderReader, 'dueOrders' | 'dueRefunds' | 'nextDueMs' | 'findOrder'>;
  readonly now: TimeSource;
  /** With each order: one that hangs keeps no others waiting. */
  readonly withTimeout: WithTimeout;
}

/**
 * Goes on with orders and refunds that nobody is at any more, because a process died or a context was away, and ends orders whose
 * time is over. What cannot be done now is due again later, at growing distances.
 * @throws what went wrong with the first that nobody foresaw, once all the others have been looked at
 */
export const resumeOrders = ({ driving, reader, now, withTimeout }: ResumeDeps): ScheduledTask => ({
  name: 'order.resume',
  everyMinutes: 1,
  // Never rung: orders wait for minutes, and the next moment is asked for every few seconds.
  dueTimes: { next: reader.nextDueMs, changed: createNotifier() },
  async run(signal) {
    const bugs: unknown[] = [];
    /** Nothing of one makes another wait: what is away now was put off, and what is a bug is told of in the end. */
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
      const resumed = await mapConcurrent(orders, AT_ONCE, (order) => isDone(withTimeout(resumeOrder(driving, order))));
      const given = await mapConcurrent(refunds, AT_ONCE, (refund) =>
        isDone(withTimeout(resumeRefund(driving, reader, refund))),
      );
      const done = [...resumed, ...given].filter(Boolean).length;
      total += done;
      // A page of which nothing could be done would come again and again.
      isMore = done > 0;
    }
    for (const bug of bugs) throw bug;
    return total;
  },
});

async function resumeOrder(driving: DriveDeps, due: Order): Promise<boolean> {
  if (due.state.step !== null) {
    await drive(driving, due);
    return true;
  }
  const timeOut = { kind: 'FACT', orderId: due.id, userId: null, fact: { kind: 'TIME_OUT' } } as const;
  const outcome = await driving.batcher.submit(timeOut);
  if (outcome.kind !== 'order') throw new Error(`order ${due.id} is due and not there: ${outcome.kind}`);
  await drive(driving, outcome.order);
  return outcome.changed;
}

async function resumeRefund(driving: DriveDeps, reader: ResumeDeps['reader'], due: Refund): Promise<boolean> {
  const order = await reader.findOrder(due.orderId);
  if (!order) throw new Error(`refund ${due.id} is of no order`);
  const { refund } = await driveRefund(driving, { refund: due, order });
  return refund.step !== due.step;
}
