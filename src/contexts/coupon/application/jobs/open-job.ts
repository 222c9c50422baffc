import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { JobResponse, OpenJobRequest } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import { type ManagedPolicies, policyManagerOf } from '../policy/policy-manager.ts';
import { toJobResponse } from './job-response.ts';
import type { JobKind, JobRecord, JobStore } from './ports.ts';

/** A new job. */
export const newJob = (
  fields: Pick<JobRecord, 'id' | 'kind' | 'policyId' | 'createdBy' | 'status' | 'total' | 'params'>,
  nowMs: number,
): JobRecord => ({
  ...fields,
  done: 0,
  failed: 0,
  error: undefined,
  createdAt: new Date(nowMs),
  startedAt: undefined,
  finishedAt: undefined,
});

export interface OpenJobDeps extends ManagedPolicies {
  readonly jobs: Pick<JobStore, 'insert'>;
  readonly kinds: readonly JobKind[];
  readonly clock: Clock;
  readonly nextId: IdSource;
}

/** Creates a job that accepts lines and runs after its submission. */
export const openJob =
  ({ policies, stores, jobs, kinds, clock, nextId }: OpenJobDeps) =>
  async ({ principal, kind, policyId }: OpenJobRequest): Promise<JobResponse> => {
    const jobKind = kinds.find((each) => each.kind === kind);
    if (!jobKind?.acceptsLinesFor)
      return toRefusalResponse(refuse('VALIDATION_FAILED', { kind: 'is not a kind of job that accepts lines' }));
    const manager = await policyManagerOf({ policies, stores }, principal, policyId, jobKind.acceptsLinesFor);
    if (isRefusal(manager)) return toRefusalResponse(manager);
    const job = newJob(
      { id: nextId(), kind: jobKind.kind, policyId, createdBy: manager.userId, status: 'OPEN', total: 0, params: {} },
      clock(),
    );
    await jobs.insert(job);
    return toJobResponse(job, clock());
  };
