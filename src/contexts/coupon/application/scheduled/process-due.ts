import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LifeCommand } from '../../domain/life-command.ts';
import type { CouponLife } from '../coupon-life.ts';

/** As many as one batch of the bulk batcher takes. */
const GROUP = 1_024;
const PAGE = 16 * GROUP;
/** Between two batches at least: what waited meanwhile goes first. */
const REST_MIN_MS = 4;
/**
 * Where others keep this process busy all the time, a rest is so many times as long as the batch before it. Without it
 * a million expiries take half of what issuing could do (bench/expiry/run.ts).
 */
const YIELD = 6;
/** How busy the work itself and the events that come of it keep this process; only what is above it is others' work. */
const OWN_SHARE = 0.6;

export interface DueWork<Id> {
  /** The longest overdue first. */
  readonly due: (limit: number) => Promise<readonly Id[]>;
  readonly command: (id: Id) => LifeCommand;
  readonly life: Pick<CouponLife, 'submitBulk'>;
}

/**
 * Does everything that is due, one batch after the other, so that it never has more than one process of PostgreSQL at work;
 * in between it rests, the longer the busier customers keep this node. Ends after the batch at which `signal` was aborted.
 * Answers how much was done.
 */
export async function processDue<Id>({ due, command, life }: DueWork<Id>, signal: AbortSignal): Promise<number> {
  let total = 0;
  let othersShare = 0;
  for (let isMore = true; isMore && !signal.aborted; ) {
    const ids = await due(PAGE);
    let done = 0;
    for (let from = 0; from < ids.length && !signal.aborted; from += GROUP) {
      const startedMs = performance.now();
      const before = performance.eventLoopUtilization();
      const outcomes = await Promise.all(ids.slice(from, from + GROUP).map((id) => life.submitBulk(command(id))));
      done += outcomes.filter(({ kind }) => kind === 'done').length;
      const tookMs = performance.now() - startedMs;
      if (from + GROUP >= ids.length) continue;
      await sleep(REST_MIN_MS + tookMs * YIELD * othersShare, undefined, { signal }).catch(() => undefined);
      const { utilization } = performance.eventLoopUtilization(before);
      othersShare = Math.max(0, utilization - OWN_SHARE) / (1 - OWN_SHARE);
    }
    total += done;
    // A page of which nothing could be done would come again and again.
    isMore = ids.length === PAGE && done > 0;
  }
  return total;
}
