import { JobLeaseLost, type JobSteps } from '../../../../platform/jobs/leases.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { InboxSignal } from '../ports.ts';
import type { Audiences } from './audiences.ts';
import { decideJob } from './decide-job.ts';
import type { Pace } from './pace.ts';
import { type Accounts, type Coupons, JOB_KIND, type JobStore, type LeasedJob, type Stores } from './ports.ts';

/**
 * Users of one transaction: it holds the locks of their inboxes, so reads of other devices and the writer wait for it. Larger ones are no faster
 * (bench/fan-out).
 */
const PAGE = 2_000;

/** What a page takes beside its users, as that many of them: the last one may have few. */
const OVERHEAD = 200;

export interface PageDeps {
  readonly store: Pick<JobStore, 'writePage' | 'postpone' | 'callOff'>;
  readonly audiences: Pick<Audiences, 'next'>;
  readonly coupons: Pick<Coupons, 'getPolicy'>;
  readonly stores: Pick<Stores, 'checkStore'>;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signal: Pick<InboxSignal, 'notify'>;
  readonly onWritten: (job: LeasedJob, notices: number) => void;
}

/** One page of a job: reads its users, and writes their notices with the progress, if their reason still holds when the job starts. */
export const writePages = ({
  store,
  audiences,
  coupons,
  stores,
  accounts,
  clock,
  pace,
  signal,
  onWritten,
}: PageDeps): JobSteps<LeasedJob> => ({
  kind: JOB_KIND,
  async step(job) {
    const decision = await decideJob(job, { coupons, stores, accounts }, clock());
    if ('waitsUntil' in decision) {
      await store.postpone(job, decision.waitsUntil);
      throw new JobLeaseLost('the job waits for its policy');
    }
    if ('calledOff' in decision) {
      await store.callOff(job, decision.calledOff, new Date(clock()));
      throw new JobLeaseLost('the job was called off');
    }
    const page = await audiences.next(job, PAGE);
    const { toUsers, ...progress } = await pace.run(page.userIds.length + OVERHEAD, () => store.writePage(job, page));
    onWritten(job, toUsers.length);
    signal.notify(toUsers);
    return progress;
  },
});
