import type { DueTimes, ScheduledTask } from '../../../../platform/context.ts';
import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import type { RefusalCache } from '../issue/refusal-cache.ts';
import type { PolicyWindows } from '../policy/ports.ts';

/** Policies per transaction: their issuing waits for a few milliseconds. */
const BATCH = 200;

export interface PolicyWindowDeps {
  readonly windows: PolicyWindows;
  readonly refusalCache: RefusalCache;
  readonly now: TimeSource;
  /** Notified when policies were created or changed. */
  readonly changed: DueTimes['changed'];
}

/**
 * Stores and publishes that policies opened and ended, when their windows begin and end. No decision depends on it:
 * issuing checks the window itself, and responses show the status at the current time.
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
