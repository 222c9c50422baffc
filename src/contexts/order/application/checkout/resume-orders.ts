import type { ScheduledTask } from '../../../../platform/context.ts';
import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import type { WithTimeout } from '../../../../platform/kernel/steps-timeout.ts';
import { resumeDue } from '../../../../platform/scheduling/resume-due.ts';
import type { Order, Refund } from '../../domain/order.ts';
import type { OrderReader } from '../ports.ts';
import { advanceRefund } from '../refund/advance-refund.ts';
import { type AdvanceDeps, advanceOrder } from './advance-order.ts';

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
  run: (signal) =>
    resumeDue(
      [
        async (nowMs, limit) =>
          (await reader.dueOrders(nowMs, limit)).map((order) => () => resumeOrder(advancing, order)),
        async (nowMs, limit) =>
          (await reader.dueRefunds(nowMs, limit)).map((refund) => () => resumeRefund(advancing, reader, refund)),
      ],
      { now, withTimeout },
      signal,
    ),
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
