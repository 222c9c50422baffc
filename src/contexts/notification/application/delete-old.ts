import type { TimeSource } from '../../../platform/kernel/clock.ts';
import { DAY_MS } from '../../../platform/kernel/durations.ts';
import type { OldNotices } from './ports.ts';

/** How long a notice is kept. */
const KEPT_MS = 90 * DAY_MS;
const BATCH = 1_000;

/** Deletes old notices, batch after batch. Returns how many. */
export const deleteOldNotices =
  (store: OldNotices, now: TimeSource) =>
  async (signal: AbortSignal): Promise<number> => {
    const before = new Date((await now()) - KEPT_MS);
    let total = 0;
    for (let deleted = BATCH; deleted === BATCH && !signal.aborted; ) {
      deleted = await store.deleteBefore(before, BATCH);
      total += deleted;
    }
    return total;
  };
