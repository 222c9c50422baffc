import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce } from '../../../../platform/kernel/command-key.ts';
import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type JobResponse, type SubmitJobRequest, stored } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import { findVisibleJob, toJobResponse, type VisibleJobs } from './job-response.ts';
import type { JobRecord, JobStore } from './ports.ts';

/** Queues a job. `wake` is called when it can start. A repeat returns the job. */
export const submitJob =
  (jobs: VisibleJobs & { readonly store: JobStore }, clock: Clock, wake: () => void) =>
  async ({ principal, jobId, commandKey }: SubmitJobRequest): Promise<JobResponse> => {
    const job = await findVisibleJob(jobs, principal, jobId);
    if (isRefusal(job)) return toRefusalResponse(job);
    if (job.total === 0) return toRefusalResponse(refuse('VALIDATION_FAILED', { lines: 'the job has no lines' }));
    const respond = (submitted: JobRecord | undefined): JobResponse =>
      submitted ? toJobResponse(submitted, clock()) : toRefusalResponse(refuse('JOB_NOT_FOUND'));
    const responding = { type: stored.JobResponse, refused: toRefusalResponse, respond };
    const response = await executeOnce(commandKey, responding, (idempotency) => jobs.store.submit(jobId, idempotency));
    wake();
    // The key was used to submit another job, so this one never runs. If discarding fails, the hourly task does it.
    if (response.replayed || response.outcome?.$case === 'refusal')
      await jobs.store.discard(jobId).catch(() => undefined);
    return response;
  };
