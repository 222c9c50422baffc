import type { JobSteps } from '../../../../platform/jobs/leases.ts';
import type { InboxSignal } from '../ports.ts';
import type { Audiences } from './audiences.ts';
import type { Pace } from './pace.ts';
import { JOB_KIND, type JobStore, type LeasedJob } from './ports.ts';

/**
 * Users of one transaction: it holds the locks of their inboxes, so reads of other devices and the writer wait for it. Larger ones are no faster
 * (bench/fan-out).
 */
const PAGE = 2_000;

/** What a page takes beside its users, as that many of them: the last one may have few. */
const OVERHEAD = 200;

export interface PageDeps {
  readonly store: Pick<JobStore, 'writePage'>;
  readonly audiences: Pick<Audiences, 'next'>;
  readonly pace: Pace;
  readonly signal: Pick<InboxSignal, 'notify'>;
  readonly onWritten: (job: LeasedJob, notices: number) => void;
}

/** One page of a job: reads its users, and writes their notices with the progress. */
export const writePages = ({ store, audiences, pace, signal, onWritten }: PageDeps): JobSteps<LeasedJob> => ({
  kind: JOB_KIND,
  async step(job) {
    const page = await audiences.next(job, PAGE);
    const { toUsers, ...progress } = await pace.run(page.userIds.length + OVERHEAD, () => store.writePage(job, page));
    onWritten(job, toUsers.length);
    signal.notify(toUsers);
    return progress;
  },
});
