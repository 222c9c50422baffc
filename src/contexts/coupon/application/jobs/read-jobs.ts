import type { Clock } from '../../../../platform/kernel/clock.ts';
import { cutPage, readPage } from '../../../../platform/kernel/pages.ts';
import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { GetJobRequest, JobResponse, ListJobErrorsRequest, ListJobErrorsResponse } from '../../api.ts';
import { findVisibleJob, toJobResponse, type VisibleJobs } from './job-response.ts';
import type { JobStore } from './ports.ts';

export const getJob =
  (jobs: VisibleJobs, clock: Clock) =>
  async ({ principal, jobId }: GetJobRequest): Promise<JobResponse> => {
    const job = await findVisibleJob(jobs, principal, jobId);
    return isRefusal(job) ? toRefusalResponse(job) : toJobResponse(job, clock());
  };

/** Ordered by row. An invalid cursor gives an empty page. */
export const listJobErrors =
  (jobs: VisibleJobs & { readonly store: Pick<JobStore, 'errors'> }) =>
  async ({ principal, jobId, page }: ListJobErrorsRequest): Promise<ListJobErrorsResponse> => {
    const job = await findVisibleJob(jobs, principal, jobId);
    if (isRefusal(job)) return toRefusalResponse(job);
    const pageRequest = readPage(page);
    if (!pageRequest) return { outcome: { $case: 'errors', value: { errors: [], nextCursor: undefined } } };
    const found = await jobs.store.errors(jobId, Number(pageRequest.before ?? 0n), pageRequest.limit + 1);
    const { rows, nextCursor } = cutPage(found, pageRequest.limit, ({ row }) => BigInt(row));
    return { outcome: { $case: 'errors', value: { errors: [...rows], nextCursor } } };
  };
