import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { CouponLifecycle } from '../lifecycle/coupon-lifecycle.ts';

/** The size of one batch of the bulk batcher. */
const BATCH = 1_024;
const PAGE = 16 * BATCH;
/** The shortest pause between two batches, in which waiting work runs first. */
const PAUSE_MIN_MS = 4;
/**
 * When other work keeps this process fully busy, the pause is this many times as long as the previous batch. Without it
 * a million expiries take half of the throughput of issuing (bench/expiry/run.ts).
 */
const PAUSE_FACTOR = 6;
/** The utilization by this work and its events; only what is above it counts as other work. */
const OWN_UTILIZATION = 0.6;

export interface DueWork<Id> {
  /** Longest overdue first. */
  readonly due: (limit: number) => Promise<readonly Id[]>;
  readonly command: (id: Id) => LifecycleCommand;
  readonly lifecycle: Pick<CouponLifecycle, 'submitBulk'>;
}

/**
 * Processes everything that is due, one batch at a time, so that it never occupies more than one process of PostgreSQL.
 * It pauses between batches, longer when the node is busy. Ends after the batch during which `signal` was aborted.
 * Returns how many were processed.
 */
export async function processDue<Id>({ due, command, lifecycle }: DueWork<Id>, signal: AbortSignal): Promise<number> {
  let total = 0;
  let otherUtilization = 0;
  for (let isMore = true; isMore && !signal.aborted; ) {
    const ids = await due(PAGE);
    let done = 0;
    for (let from = 0; from < ids.length && !signal.aborted; from += BATCH) {
      const startedMs = performance.now();
      const before = performance.eventLoopUtilization();
      const outcomes = await Promise.all(ids.slice(from, from + BATCH).map((id) => lifecycle.submitBulk(command(id))));
      done += outcomes.filter(({ kind }) => kind === 'done').length;
      const tookMs = performance.now() - startedMs;
      if (from + BATCH >= ids.length) continue;
      await sleep(PAUSE_MIN_MS + tookMs * PAUSE_FACTOR * otherUtilization, undefined, { signal }).catch(
        () => undefined,
      );
      const { utilization } = performance.eventLoopUtilization(before);
      otherUtilization = Math.max(0, utilization - OWN_UTILIZATION) / (1 - OWN_UTILIZATION);
    }
    total += done;
    // A page without any progress would be read again endlessly.
    isMore = ids.length === PAGE && done > 0;
  }
  return total;
}
