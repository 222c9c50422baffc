import type { Failure } from '../../../../platform/batching/batcher-observer.ts';
import type { JobLog } from '../../../../platform/jobs/job-log.ts';
import type { JobLeases } from '../../../../platform/jobs/leases.ts';
import { jobRunner } from '../../../../platform/jobs/runner.ts';
import type { Clock, TimeSource } from '../../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import type { NotificationService } from '../../api.ts';
import type { InboxSignal } from '../ports.ts';
import { announcements } from './announcements.ts';
import { audiences } from './audiences.ts';
import type { Pace } from './pace.ts';
import type { Accounts, Coupons, JobStore, LeasedJob, Stores, TestNotices } from './ports.ts';
import { getNoticeJob, listNoticeJobs } from './read-jobs.ts';
import { remindOpenings } from './remind-openings.ts';
import { storeJob } from './store-jobs.ts';
import { writePages } from './write-page.ts';

/** An upload that takes longer was given up. */
const UPLOAD_MAX_MS = 3_600_000;
const ABANDONED_BATCH_MAX = 100;

export interface JobServiceDeps {
  readonly store: JobStore & JobLeases<LeasedJob>;
  readonly tests: TestNotices;
  readonly stores: Stores;
  readonly coupons: Coupons;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly now: TimeSource;
  readonly nextId: IdSource;
  readonly signal: Pick<InboxSignal, 'notify'>;
  readonly pace: Pace;
  readonly openingReminderMinutes: number;
  readonly onWritten: (job: LeasedJob, notices: number) => void;
  readonly classify: (error: unknown) => Failure;
  readonly log: JobLog;
}

/** Notices for many users: what begins them, and their runner, which starts immediately. */
export function jobService(deps: JobServiceDeps) {
  const { store, stores, coupons, accounts, clock, now, nextId, signal, onWritten, classify, log } = deps;
  const read = audiences({ stores, coupons, accounts, lists: store });
  const steps = writePages({
    store,
    audiences: read,
    coupons,
    stores,
    accounts,
    clock,
    pace: deps.pace,
    signal,
    onWritten,
  });
  const runner = jobRunner({ leases: store, kinds: [steps], clock, classify, log });
  const starting = { store, audiences: read, clock, nextId, wake: () => runner.wake() };
  const storeOnce = storeJob(starting);
  runner.start();
  return {
    api: {
      ...announcements({ ...starting, stores, tests: deps.tests, signal }),
      getNoticeJob: getNoticeJob(store),
      listNoticeJobs: listNoticeJobs(store),
    } satisfies Partial<NotificationService>,
    scheduled: [
      remindOpenings({ stores, storeJob: storeOnce, now, minutesBefore: deps.openingReminderMinutes }),
      {
        name: 'notification.drop-unfinished-lists',
        everyMinutes: 60,
        run: async () => {
          const nowMs = await now();
          return await store.failAbandoned(new Date(nowMs - UPLOAD_MAX_MS), new Date(nowMs), ABANDONED_BATCH_MAX);
        },
      },
    ],
    storeJob: storeOnce,
    /** Runs the jobs about openings of a policy that wait. */
    async runAgain(policyId: string): Promise<void> {
      if ((await store.bringForward(policyId, new Date(clock()))) > 0) runner.wake();
    },
    stop: () => runner.stop(),
  };
}
