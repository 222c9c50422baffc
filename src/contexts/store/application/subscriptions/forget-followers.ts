import type { ScheduledTask } from '../../../../platform/context.ts';
import type { ForgottenTargets } from './ports.ts';

/** Followers in a transaction, during which the row of their store is locked. */
const BATCH = 5_000;

/** Removes the followers of deleted stores and ended policies. No list shows them, so nothing waits for it. */
export const forgetFollowers = (targets: ForgottenTargets): ScheduledTask => ({
  name: 'store.forget-followers',
  everyMinutes: 1,
  async run(signal) {
    let removed = 0;
    while (!signal.aborted) {
      const target = await targets.next();
      const followers = target === undefined ? 0 : await targets.removeFollowers(target, BATCH);
      // None are left, or a count is wrong, which the audit reports.
      if (followers === 0) break;
      removed += followers;
    }
    return removed;
  },
});
