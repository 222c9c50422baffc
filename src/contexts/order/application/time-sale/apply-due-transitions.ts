import type { DueTimes, ScheduledTask } from '../../../../platform/context.ts';
import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import type { TimeSaleWindows } from '../catalog/ports.ts';

/** Time sales of one transaction. Orders of their products wait for it, a few milliseconds. */
const BATCH = 100;

/**
 * Publishes that time sales have begun and ended, at the times of their windows, and returns the stock of an ended one to its
 * product. Buyers do not depend on it: orders compare the window with the clock.
 */
export const applyTimeSaleTransitions = (
  windows: TimeSaleWindows,
  now: TimeSource,
  changed: DueTimes['changed'],
): ScheduledTask => ({
  name: 'order.time-sales',
  everyMinutes: 1,
  dueTimes: { next: windows.nextDueMs, changed },
  async run(signal) {
    let total = 0;
    let isMore = true;
    while (isMore && !signal.aborted) {
      const count = await windows.applyDueTransitions(await now(), BATCH);
      total += count;
      isMore = count === BATCH;
    }
    return total;
  },
});
