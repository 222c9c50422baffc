import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce } from '../../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type JobResponse, stored, type WithdrawCouponsRequest } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import { type ResultLookup, replayOr } from '../issue/result-lookup.ts';
import { checkTexts } from '../lifecycle/check-texts.ts';
import { type ManagedPolicies, policyManagerOf } from '../policy/policy-manager.ts';
import { toJobResponse } from './job-response.ts';
import { newJob } from './open-job.ts';
import type { JobRecord, JobStore, WithdrawalStore } from './ports.ts';
import { WITHDRAW_COUPONS, type WithdrawalParams } from './withdraw-coupons-rows.ts';

export interface WithdrawCouponsDeps extends ManagedPolicies {
  readonly jobs: Pick<JobStore, 'insert'>;
  readonly coupons: Pick<WithdrawalStore, 'lastSequenceNo'>;
  readonly resultLookup: Pick<ResultLookup, 'find'>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** Called when the job can start. */
  readonly wake: () => void;
}

/** Creates a job that withdraws the coupons of a policy that are issued now and not used. */
export const withdrawCoupons =
  ({ policies, stores, jobs, coupons, resultLookup, clock, nextId, wake }: WithdrawCouponsDeps) =>
  async ({ principal, policyId, reason, commandKey }: WithdrawCouponsRequest): Promise<JobResponse> => {
    const invalid =
      reason.trim() === '' ? refuse('VALIDATION_FAILED', { reason: 'is required' }) : checkTexts({ reason });
    if (invalid) return toRefusalResponse(invalid);
    const respond = (inserted: JobRecord | Refusal) =>
      isRefusal(inserted) ? toRefusalResponse(inserted) : toJobResponse(inserted, clock());
    const responding = { type: stored.JobResponse, refused: toRefusalResponse, respond };
    const response = await executeOnce<JobRecord | Refusal, JobResponse>(
      commandKey,
      responding,
      async (idempotency) => {
        const manager = await policyManagerOf({ policies, stores }, principal, policyId);
        if (isRefusal(manager)) return await replayOr(resultLookup, commandKey, manager);
        const params: WithdrawalParams = { reason, role: manager.role };
        const fields = { id: nextId(), kind: WITHDRAW_COUPONS, policyId, createdBy: manager.userId, params } as const;
        const total = await coupons.lastSequenceNo(policyId);
        return await jobs.insert(newJob({ ...fields, status: 'QUEUED', total }, clock()), idempotency);
      },
    );
    wake();
    return response;
  };
