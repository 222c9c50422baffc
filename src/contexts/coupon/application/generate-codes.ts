import { JobResponse } from '../../../gen/stampede/coupon/v1/coupon.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { executeOnce } from '../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { GenerateCodesRequest } from '../api.ts';
import { planCodes } from '../domain/code-plan.ts';
import type { CodeStore } from './code-ports.ts';
import { handledPolicy } from './handled-policy.ts';
import { GENERATE_CODES } from './jobs/generate-codes-rows.ts';
import { jobAnswer } from './jobs/job-answer.ts';
import { newJob } from './jobs/open-job.ts';
import type { JobRecord, JobStore } from './jobs/ports.ts';
import { type KeptBefore, replayOr } from './kept-before.ts';
import { refusal } from './outcome.ts';
import type { PolicyStore } from './ports.ts';

export const GENERATE_MAX = 1_000_000;

export interface GenerateCodesDeps {
  readonly policies: Pick<PolicyStore, 'find'>;
  readonly jobs: Pick<JobStore, 'insert'>;
  readonly codes: Pick<CodeStore, 'addShapes'>;
  readonly kept: Pick<KeptBefore, 'find'>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** Called when the job may begin. */
  readonly wake: () => void;
}

/** Begins a job that makes unique codes. Their shape is stored first, so that no node takes them for typos. */
export const generateCodes =
  ({ policies, jobs, codes, kept, clock, nextId, wake }: GenerateCodesDeps) =>
  async ({
    principal,
    policyId,
    count,
    prefix,
    pattern,
    charset,
    commandKey,
  }: GenerateCodesRequest): Promise<JobResponse> => {
    if (!Number.isInteger(count) || count < 1 || count > GENERATE_MAX) {
      return refusal(refuse('VALIDATION_FAILED', { count: `must be 1 to ${GENERATE_MAX}` }));
    }
    const params = { prefix, pattern, charset };
    const planned = planCodes(params);
    if ('broken' in planned) return refusal(refuse('VALIDATION_FAILED', planned.broken));
    const begun = { id: nextId(), kind: GENERATE_CODES, policyId, createdBy: principal?.userId ?? 0n, params };
    const job = newJob({ ...begun, status: 'QUEUED', total: count }, clock());
    const respond = (inserted: JobRecord | Refusal) =>
      isRefusal(inserted) ? refusal(inserted) : jobAnswer(inserted, clock());
    const responding = { type: JobResponse, refused: refusal, respond };
    const response = await executeOnce<JobRecord | Refusal, JobResponse>(commandKey, responding, async (keep) => {
      const policy = await handledPolicy(policies, principal, policyId, 'CODE');
      if (isRefusal(policy)) return await replayOr(kept, commandKey, policy);
      await codes.addShapes([planned.plan.shape]);
      return await jobs.insert(job, keep);
    });
    wake();
    return response;
  };
