import type { Clock } from '../../../../platform/kernel/clock.ts';
import {
  type CommandKey,
  executeOnce,
  type Idempotency,
  type Replay,
} from '../../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type JobResponse, stored } from '../../api.ts';
import type { ResultLookup } from '../issue/result-lookup.ts';
import type { ManagedPolicies } from '../policy/policy-manager.ts';
import { toJobResponse } from './job-response.ts';
import type { JobRecord, JobStore } from './ports.ts';

export interface JobInsertion extends ManagedPolicies {
  readonly jobs: Pick<JobStore, 'insert'>;
  readonly resultLookup: Pick<ResultLookup, 'find'>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** Called when the job can start. */
  readonly wake: () => void;
}

/** Inserts a job, once for each key, and wakes what runs it. */
export async function insertJob(
  { clock, wake }: Pick<JobInsertion, 'clock' | 'wake'>,
  commandKey: CommandKey | undefined,
  insert: (idempotency: Idempotency<JobRecord> | undefined) => Promise<JobRecord | Refusal | Replay>,
): Promise<JobResponse> {
  const respond = (inserted: JobRecord | Refusal) =>
    isRefusal(inserted) ? toRefusalResponse(inserted) : toJobResponse(inserted, clock());
  const responding = { type: stored.JobResponse, refused: toRefusalResponse, respond };
  const response = await executeOnce<JobRecord | Refusal, JobResponse>(commandKey, responding, insert);
  wake();
  return response;
}
