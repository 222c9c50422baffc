import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { CheckJobRequest, CheckJobResponse } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import { findVisibleJob, type VisibleJobs } from './job-response.ts';
import type { JobKind, JobStore } from './ports.ts';

const ERRORS_MAX = 100;

/** Returns what an OPEN job would do, with its first 100 errors, and deletes the job. Stores nothing else. */
export const checkJob =
  (jobs: VisibleJobs & { readonly store: Pick<JobStore, 'discard'> }, kinds: readonly JobKind[]) =>
  async ({ principal, jobId }: CheckJobRequest): Promise<CheckJobResponse> => {
    const job = await findVisibleJob(jobs, principal, jobId);
    if (isRefusal(job)) return toRefusalResponse(job);
    const check = kinds.find(({ kind }) => kind === job.kind)?.check;
    if (check === undefined) {
      return toRefusalResponse(refuse('VALIDATION_FAILED', { kind: 'is not a kind of job that can be checked' }));
    }
    if (job.status !== 'OPEN') return toRefusalResponse(refuse('VALIDATION_FAILED', { jobId: 'was submitted' }));
    if (job.total === 0) return toRefusalResponse(refuse('VALIDATION_FAILED', { lines: 'the job has no lines' }));
    const { failed, errors } = await check(job, ERRORS_MAX);
    // If it fails, the hourly task deletes the job.
    await jobs.store.discard(jobId).catch(() => undefined);
    return { outcome: { $case: 'check', value: { total: job.total, failed, errors: [...errors] } } };
  };
