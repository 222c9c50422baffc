import type { Principal } from '../../../../platform/kernel/contract.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { managerOf, managesStore } from '../../../store/api.ts';
import type { Job, JobResponse } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import type { ManagedPolicies } from '../policy/policy-manager.ts';
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

/** What an operation on a job needs to find it for its caller. */
export interface VisibleJobs extends ManagedPolicies {
  readonly store: Pick<JobStore, 'find'>;
}

/** ADMIN and SERVICE see every job, an OWNER those of their stores' policies. Other jobs are reported as missing. */
export async function findVisibleJob(
  { store, policies, stores }: VisibleJobs,
  principal: Principal | undefined,
  jobId: bigint,
): Promise<JobRecord | Refusal> {
  const job = await store.find(jobId);
  const manager = await managerOf(stores, principal);
  const policy = job && manager?.role === 'OWNER' ? await policies.find(job.policyId) : undefined;
  return job && managesStore(manager, policy?.terms.storeId) ? job : refuse('JOB_NOT_FOUND');
}
