import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { CouponLifecycle } from '../lifecycle/coupon-lifecycle.ts';

/** As many as one batch of the bulk batcher takes. */
const BATCH = 1_024;
const PAGE = 16 * BATCH;
/** Between two batches at least: what waited meanwhile goes first. */
const PAUSE_MIN_MS = 4;
/**
 * Where others keep this process busy all the time, a rest is so many times as long as the batch before it. Without it
 * a million expiries take half of what issuing could do (bench/expiry/run.ts).
 */
const PAUSE_FACTOR = 6;
/** How busy the work itself and the events that come of it keep this process; only what is above it is others' work. */
const OWN_UTILIZATION = 0.6;

export interface DueWork<Id> {
  /** The longest overdue first. */
  readonly due: (limit: number) => Promise<readonly Id[]>;
  readonly command: (id: Id) => LifecycleCommand;
  readonly lifecycle: Pick<CouponLifecycle, 'submitBulk'>;
}

/**
 * Does everything that is due, one batch after the other, so that it never has more than one process of PostgreSQL at work;
 * in between it rests, the longer the busier customers keep this node. Ends after the batch at which `signal` was aborted.
 * Answers how much was done.
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
    // A page of which nothing could be done would come again and again.
    isMore = ids.length === PAGE && done > 0;
  }
  return total;
}
