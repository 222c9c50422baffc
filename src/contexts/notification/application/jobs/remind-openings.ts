import type { ScheduledTask } from '../../../../platform/context.ts';
import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import { MINUTE_MS } from '../../../../platform/kernel/durations.ts';
import type { Stores } from './ports.ts';
import type { storeJob } from './store-jobs.ts';

export interface ReminderDeps {
  readonly stores: Pick<Stores, 'listFollowedOpenings'>;
  readonly storeJob: ReturnType<typeof storeJob>;
  readonly now: TimeSource;
  /** How long before a policy opens its followers are reminded. */
  readonly minutesBefore: number;
}

/** Reminds followers of policies that open soon. One that is moved to another time has a new reminder, unless it is of the same day. */
export const remindOpenings = ({ stores, storeJob, now, minutesBefore }: ReminderDeps): ScheduledTask => ({
  name: 'notification.remind-openings',
  everyMinutes: 1,
  async run() {
    const from = new Date(await now());
    const to = new Date(from.getTime() + minutesBefore * MINUTE_MS);
    const { policies } = await stores.listFollowedOpenings({ from, to });
    let started = 0;
    for (const { policyId, name, opensAt = to } of policies) {
      const id = String(policyId);
      const isNew = await storeJob({
        audience: { type: 'POLICY_FOLLOWERS', id: policyId },
        onceKey: `opening ${id} ${opensAt.toISOString()}`,
        startsAt: from,
        notice: {
          kind: 'POLICY_OPENING',
          subject: id,
          data: { policyId: id, couponName: name, opensAt: opensAt.toISOString() },
        },
      });
      if (isNew) started += 1;
    }
    return started;
  },
});
