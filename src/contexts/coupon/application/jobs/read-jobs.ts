import type { Clock } from '../../../../platform/kernel/clock.ts';
import { cutPage, readPage } from '../../../../platform/kernel/pages.ts';
import { isRefusal } from '../../../../platform/kernel/refusal.ts';
import type { GetJobRequest, JobResponse, ListJobErrorsRequest, ListJobErrorsResponse } from '../../api.ts';
import { refusal } from '../outcome.ts';
import { jobAnswer, seenJob } from './job-answer.ts';
import type { JobStore } from './ports.ts';

export const getJob =
  (store: JobStore, clock: Clock) =>
  async ({ principal, jobId }: GetJobRequest): Promise<JobResponse> => {
    const job = await seenJob(store, principal, jobId);
    return isRefusal(job) ? refusal(job) : jobAnswer(job, clock());
  };

/** In order of the rows. A cursor that is not ours gives an empty page. */
export const listJobErrors =
  (store: JobStore) =>
  async ({ principal, jobId, page }: ListJobErrorsRequest): Promise<ListJobErrorsResponse> => {
    const job = await seenJob(store, principal, jobId);
    if (isRefusal(job)) return refusal(job);
    const wanted = readPage(page);
    if (!wanted) return { outcome: { $case: 'errors', value: { errors: [], nextCursor: undefined } } };
    const found = await store.errors(jobId, Number(wanted.before ?? 0n), wanted.limit + 1);
    const { rows, nextCursor } = cutPage(found, wanted.limit, ({ row }) => BigInt(row));
    return { outcome: { $case: 'errors', value: { errors: [...rows], nextCursor } } };
  };
