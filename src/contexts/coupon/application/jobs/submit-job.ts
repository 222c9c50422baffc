import type { Clock } from '../../../../platform/kernel/clock.ts';
import { isRefusal, refuse } from '../../../../platform/kernel/refusal.ts';
import type { JobResponse, SubmitJobRequest } from '../../api.ts';
import { refusal } from '../outcome.ts';
import { jobAnswer, seenJob } from './job-answer.ts';
import type { JobStore } from './ports.ts';

/** Lets a job run. `wake` is called when it may begin. Submitted before, it answers as it is. */
export const submitJob =
  (store: JobStore, clock: Clock, wake: () => void) =>
  async ({ principal, jobId }: SubmitJobRequest): Promise<JobResponse> => {
    const job = await seenJob(store, principal, jobId);
    if (isRefusal(job)) return refusal(job);
    if (job.total === 0) return refusal(refuse('VALIDATION_FAILED', { lines: 'there is no line' }));
    const submitted = await store.submit(jobId);
    if (!submitted) return refusal(refuse('JOB_NOT_FOUND'));
    wake();
    return jobAnswer(submitted, clock());
  };
