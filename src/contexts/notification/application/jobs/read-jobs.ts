import { isOperator } from '../../../../platform/kernel/operator.ts';
import { cutPage, readPage } from '../../../../platform/kernel/pages.ts';
import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type {
  GetNoticeJobRequest,
  ListNoticeJobsRequest,
  ListNoticeJobsResponse,
  NoticeJobResponse,
} from '../../api.ts';
import { refuse } from '../../refusals.ts';
import { RESPONDING } from './announcements.ts';
import { mayAnnounce } from './check-announcement.ts';
import { toJobView } from './job-view.ts';
import type { JobStore } from './ports.ts';
import { findVisibleJob } from './visible-job.ts';

export const getNoticeJob =
  (store: Pick<JobStore, 'find'>) =>
  async ({ principal, jobId }: GetNoticeJobRequest): Promise<NoticeJobResponse> => {
    const job = await findVisibleJob(store, principal, jobId);
    return isRefusal(job) ? toRefusalResponse(job) : RESPONDING.respond(job);
  };

/** An invalid cursor gives an empty page. */
export const listNoticeJobs =
  (store: Pick<JobStore, 'list'>) =>
  async ({ principal, page }: ListNoticeJobsRequest): Promise<ListNoticeJobsResponse> => {
    if (!principal || !mayAnnounce(principal)) return toRefusalResponse(refuse('FORBIDDEN'));
    const asked = readPage(page);
    const ownerId = isOperator(principal.role) ? undefined : principal.userId;
    const found = asked ? await store.list(asked.before, asked.limit + 1, ownerId) : [];
    const { rows, nextCursor } = cutPage(found, asked?.limit ?? 0, ({ id }) => id);
    return { outcome: { $case: 'jobs', value: { jobs: rows.map(toJobView), nextCursor } } };
  };
