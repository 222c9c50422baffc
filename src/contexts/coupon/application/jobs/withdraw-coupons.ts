import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { JobResponse, WithdrawCouponsRequest } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import { replayOr } from '../issue/result-lookup.ts';
import { checkTexts } from '../lifecycle/check-texts.ts';
import { policyManagerOf } from '../policy/policy-manager.ts';
import { insertJob, type JobInsertion } from './insert-job.ts';
import { newJob } from './open-job.ts';
import type { WithdrawalStore } from './ports.ts';
import { WITHDRAW_COUPONS, type WithdrawalParams } from './withdraw-coupons-rows.ts';

export interface WithdrawCouponsDeps extends JobInsertion {
  readonly coupons: Pick<WithdrawalStore, 'lastSequenceNo'>;
}

/** Creates a job that withdraws the coupons of a policy that are issued now and not used. */
export const withdrawCoupons =
  ({ policies, stores, jobs, coupons, resultLookup, clock, nextId, wake }: WithdrawCouponsDeps) =>
  async ({ principal, policyId, reason, commandKey }: WithdrawCouponsRequest): Promise<JobResponse> => {
    const invalid =
      reason.trim() === '' ? refuse('VALIDATION_FAILED', { reason: 'is required' }) : checkTexts({ reason });
    if (invalid) return toRefusalResponse(invalid);
    return await insertJob({ clock, wake }, commandKey, async (idempotency) => {
      const manager = await policyManagerOf({ policies, stores }, principal, policyId);
      if (isRefusal(manager)) return await replayOr(resultLookup, commandKey, manager);
      const params: WithdrawalParams = { reason, role: manager.role };
      const fields = { id: nextId(), kind: WITHDRAW_COUPONS, policyId, createdBy: manager.userId, params } as const;
      const total = await coupons.lastSequenceNo(policyId);
      return await jobs.insert(newJob({ ...fields, status: 'QUEUED', total }, clock()), idempotency);
    });
  };
