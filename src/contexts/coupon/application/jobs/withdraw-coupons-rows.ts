import type { CouponLifecycle } from '../lifecycle/coupon-lifecycle.ts';
import type { JobKind, RowError, WithdrawalStore } from './ports.ts';

export const WITHDRAW_COUPONS = 'WITHDRAW_COUPONS';
/** Sequence numbers per step: four batches, so that issuing waits for the policy's lock a short time only. */
const STEP_ROWS = 1_000;

/** What a withdrawal stores with its job. */
export interface WithdrawalParams {
  readonly reason: string;
  /** The role of its creator, for the history. */
  readonly role: string;
}

/**
 * Withdraws the unused coupons of a policy in the order of their sequence numbers; these are the rows of the job. Withdrawing a coupon
 * again changes nothing, so a step that is repeated after a crash does no harm. Permission was checked when the job was created.
 */
export const withdrawCouponsRows = (
  store: WithdrawalStore,
  lifecycle: Pick<CouponLifecycle, 'submit'>,
  stepRows = STEP_ROWS,
): JobKind => ({
  kind: WITHDRAW_COUPONS,
  async step(job) {
    const { reason: note, role } = job.params as WithdrawalParams;
    const to = Math.min(job.done + stepRows, job.total);
    const coupons = await store.unused(job.policyId, job.done, to);
    const withdrawals = coupons.map(async ({ couponId, sequenceNo }): Promise<RowError[]> => {
      const outcome = await lifecycle.submit({
        kind: 'CANCEL',
        couponId,
        manager: { userId: job.createdBy, role: 'ADMIN', stores: new Set() },
        note: `${note} (job ${job.id} of ${role} ${job.createdBy})`,
        returnStock: false,
        orderCancelled: false,
      });
      // Used or expired meanwhile: nothing is left to withdraw.
      if (outcome.kind !== 'refused' || outcome.refusal.code !== 'RESERVATION_CONFLICT') return [];
      return [{ row: sequenceNo, line: String(couponId), code: outcome.refusal.code }];
    });
    const errors = (await Promise.all(withdrawals)).flat();
    return await store.advance(job, to - job.done, errors);
  },
});
