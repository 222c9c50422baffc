import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { GenerateCodesRequest, JobResponse } from '../../api.ts';
import { planCodes } from '../../domain/codes/code-plan.ts';
import { refuse } from '../../refusals.ts';
import { replayOr } from '../issue/result-lookup.ts';
import { GENERATE_CODES } from '../jobs/generate-codes-rows.ts';
import { insertJob, type JobInsertion } from '../jobs/insert-job.ts';
import { newJob } from '../jobs/open-job.ts';
import { policyManagerOf } from '../policy/policy-manager.ts';
import type { CodeStore } from './ports.ts';

export const GENERATE_MAX = 1_000_000;

export interface GenerateCodesDeps extends JobInsertion {
  readonly codes: Pick<CodeStore, 'addShapes'>;
}

/** Creates a job that generates unique codes. Their shape is stored first, so that no node rejects them as typos. */
export const generateCodes =
  ({ policies, stores, jobs, codes, resultLookup, clock, nextId, wake }: GenerateCodesDeps) =>
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
      return toRefusalResponse(refuse('VALIDATION_FAILED', { count: `must be 1 to ${GENERATE_MAX}` }));
    }
    const params = { prefix, pattern, charset };
    const planned = planCodes(params);
    if ('invalid' in planned) return toRefusalResponse(refuse('VALIDATION_FAILED', planned.invalid));
    const id = nextId();
    return await insertJob({ clock, wake }, commandKey, async (idempotency) => {
      const manager = await policyManagerOf({ policies, stores }, principal, policyId, 'CODE');
      if (isRefusal(manager)) return await replayOr(resultLookup, commandKey, manager);
      await codes.addShapes([planned.plan.shape]);
      const fields = { id, kind: GENERATE_CODES, policyId, createdBy: manager.userId, params } as const;
      return await jobs.insert(newJob({ ...fields, status: 'QUEUED', total: count }, clock()), idempotency);
    });
  };
