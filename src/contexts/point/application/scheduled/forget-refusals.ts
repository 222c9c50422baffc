import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import type { ExpiryStore } from '../ports.ts';

/** As long as the results of command keys are stored. */
const KEEP_MS = DAY_MS;
const BATCH_ROWS = 5_000;

/** Deletes the refusals that are older than a day. Returns their number. */
export const forgetRefusals =
  (store: Pick<ExpiryStore, 'forgetRefusals'>, now: TimeSource) =>
  async (signal: AbortSignal): Promise<number> => {
    let done = 0;
    for (let batch = BATCH_ROWS; batch === BATCH_ROWS && !signal.aborted; done += batch) {
      batch = await store.forgetRefusals((await now()) - KEEP_MS, BATCH_ROWS);
    }
    return done;
  };
