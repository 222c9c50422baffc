import type { Principal } from '../../../../platform/kernel/contract.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { Job, JobResponse } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import type { JobRecord, JobStore } from './ports.ts';

/** The view of a job. Its end is estimated from its speed so far. */
export function toJob({ params: _params, createdBy: _createdBy, ...job }: JobRecord, nowMs: number): Job {
  return { ...job, estimatedFinishAt: estimatedFinish(job, nowMs) };
}

function estimatedFinish(job: Omit<JobRecord, 'params' | 'createdBy'>, nowMs: number): Date | undefined {
  const { startedAt, done, total } = job;
  if (job.status !== 'RUNNING' || !startedAt || done === 0) return undefined;
  return new Date(nowMs + ((nowMs - startedAt.getTime()) / done) * (total - done));
}

export const toJobResponse = (job: JobRecord, nowMs: number): JobResponse => ({
  outcome: { $case: 'job', value: toJob(job, nowMs) },
});

/** ADMIN and SERVICE see every job, OWNER the jobs they created. Other jobs are reported as missing. */
export async function findVisibleJob(
  store: Pick<JobStore, 'find'>,
  principal: Principal | undefined,
  jobId: bigint,
): Promise<JobRecord | Refusal> {
  const job = await store.find(jobId);
  const sees = isOperator(principal?.role) || (principal?.role === 'OWNER' && principal.userId === job?.createdBy);
  return job && sees ? job : refuse('JOB_NOT_FOUND');
}
