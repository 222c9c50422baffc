import type { Failure } from '../../../../platform/batching/batcher-observer.ts';
import type { ScheduledTask } from '../../../../platform/context.ts';
import type { JobLog } from '../../../../platform/jobs/job-log.ts';
import { jobRunner } from '../../../../platform/jobs/runner.ts';
import type { Clock, TimeSource } from '../../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import type { CouponService } from '../../api.ts';
import type { ManagedPolicies } from '../policy/policy-manager.ts';
import { appendJobInput } from './append-job-input.ts';
import { checkJob } from './check-job.ts';
import { openJob } from './open-job.ts';
import type { JobKind, JobLeases, JobStore } from './ports.ts';
import { getJob, listJobErrors } from './read-jobs.ts';
import { submitJob } from './submit-job.ts';

/** An upload of 100 MB at 100 kB/s takes a quarter of an hour. */
const UPLOAD_MAX_MS = 3_600_000;
const ABANDONED_BATCH_MAX = 1_000;

export interface JobServiceDeps extends ManagedPolicies {
  readonly store: JobStore & JobLeases;
  readonly kinds: readonly JobKind[];
  readonly clock: Clock;
  readonly now: TimeSource;
  readonly nextId: IdSource;
  readonly classify: (error: unknown) => Failure;
  readonly log: JobLog;
}

type JobApi = Pick<CouponService, 'openJob' | 'appendJobInput' | 'submitJob' | 'checkJob' | 'getJob' | 'listJobErrors'>;

export interface JobService {
  readonly api: JobApi;
  readonly scheduled: readonly ScheduledTask[];
  /** To be called after a job was stored as QUEUED. */
  wake(): void;
  stop(): Promise<void>;
}

/** The operations on jobs and their runner, which starts immediately. */
export function jobService(deps: JobServiceDeps): JobService {
  const { policies, stores, store, kinds, clock, now, nextId, classify, log } = deps;
  const runner = jobRunner({ leases: store, kinds, clock, classify, log });
  runner.start();
  const visible = { store, policies, stores };
  return {
    api: {
      openJob: openJob({ policies, stores, jobs: store, kinds, clock, nextId }),
      appendJobInput: appendJobInput(visible, clock),
      submitJob: submitJob(visible, clock, runner.wake),
      checkJob: checkJob(visible, kinds),
      getJob: getJob(visible, clock),
      listJobErrors: listJobErrors(visible),
    },
    scheduled: [
      {
        name: 'coupon.drop-unfinished-uploads',
        everyMinutes: 60,
        run: async () => {
          const nowMs = await now();
          return await store.failAbandonedUploads(
            new Date(nowMs - UPLOAD_MAX_MS),
            new Date(nowMs),
            ABANDONED_BATCH_MAX,
          );
        },
      },
    ],
    wake: runner.wake,
    stop: runner.stop,
  };
}
