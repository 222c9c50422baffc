import type { DueTimes, ScheduledTask } from '../../../platform/context.ts';
import type { TimeSource } from '../../../platform/kernel/clock.ts';
import type { TimeSaleWindows } from './goods-ports.ts';

/** Time sales of one transaction: a few milliseconds in which orders of their products wait. */
const BATCH = 100;

/**
 * Writes down that time sales began and ended, at the instants of their windows, publishes it, and gives what is left of one
 * back to its product. No buyer waits for it: orders look at the window themselves.
 */
export const turnTimeSales = (
  windows: TimeSaleWindows,
  now: TimeSource,
  changed: DueTimes['changed'],
): ScheduledTask => ({
  name: 'order.time-sales',
  everyMinutes: 1,
  dueTimes: { next: windows.nextAt, changed },
  async run(signal) {
    let turned = 0;
    let isMore = true;
    while (isMore && !signal.aborted) {
      const count = await windows.turn(await now(), BATCH);
      turned += count;
      isMore = count === BATCH;
    }
    return turned;
  },
});
