import type { DueTimes, ScheduledTask } from '../../../../platform/context.ts';
import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import type { RefusalCache } from '../issue/refusal-cache.ts';
import type { PolicyWindows } from '../ports.ts';

/** Policies of one transaction: a few milliseconds in which their issuing waits. */
const BATCH = 200;

export interface PolicyWindowDeps {
  readonly windows: PolicyWindows;
  readonly refusalCache: RefusalCache;
  readonly now: TimeSource;
  /** Rung when policies were made or changed. */
  readonly changed: DueTimes['changed'];
}

/**
 * Writes down that policies opened and ended, and publishes it, at the instants of their windows. Nothing waits for it:
 * issuing looks at the window itself, and policies are shown as they are by the clock.
 */
export const openAndEndPolicies = ({ windows, refusalCache, now, changed }: PolicyWindowDeps): ScheduledTask => ({
  name: 'coupon.open-and-end-policies',
  everyMinutes: 1,
  dueTimes: { next: windows.nextAt, changed },
  async run(signal) {
    let applied = 0;
    let isMore = true;
    while (isMore && !signal.aborted) {
      const policyIds = await windows.applyDueTransitions(new Date(await now()), BATCH);
      for (const policyId of policyIds) refusalCache.invalidate(policyId);
      applied += policyIds.length;
      isMore = policyIds.length === BATCH;
    }
    return applied;
  },
});
