import { isOperator } from '../../../../platform/kernel/operator.ts';
import { cutPage, readPage } from '../../../../platform/kernel/pages.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type {
  GetNoticeJobRequest,
  ListNoticeJobsRequest,
  ListNoticeJobsResponse,
  NoticeJobResponse,
} from '../../api.ts';
import { refuse } from '../../refusals.ts';
import { RESPONDING } from './announcements.ts';
import { toJobView } from './job-view.ts';
import type { JobStore } from './ports.ts';

export const getNoticeJob =
  (store: Pick<JobStore, 'find'>) =>
  async ({ principal, jobId }: GetNoticeJobRequest): Promise<NoticeJobResponse> => {
    if (!isOperator(principal?.role)) return toRefusalResponse(refuse('FORBIDDEN'));
    return RESPONDING.respond(await store.find(jobId));
  };

/** An invalid cursor gives an empty page. */
export const listNoticeJobs =
  (store: Pick<JobStore, 'list'>) =>
  async ({ principal, page }: ListNoticeJobsRequest): Promise<ListNoticeJobsResponse> => {
    if (!isOperator(principal?.role)) return toRefusalResponse(refuse('FORBIDDEN'));
    const asked = readPage(page);
    const found = asked ? await store.list(asked.before, asked.limit + 1) : [];
    const { rows, nextCursor } = cutPage(found, asked?.limit ?? 0, ({ id }) => id);
    return { outcome: { $case: 'jobs', value: { jobs: rows.map(toJobView), nextCursor } } };
  };
