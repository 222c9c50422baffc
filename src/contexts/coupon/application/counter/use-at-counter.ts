import { executeOnce, Replay } from '../../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { clerkOf, type StoreChecks } from '../../../store/api.ts';
import { stored, type UseAtCounterRequest, type UseAtCounterResponse } from '../../api.ts';
import type { LifecycleOutcome } from '../../domain/lifecycle/lifecycle-decision.ts';
import { refused } from '../../domain/lifecycle/lifecycle-outcome.ts';
import { refuse } from '../../refusals.ts';
import type { LifecycleOperation } from '../lifecycle/lifecycle-response.ts';
import { toUserCouponView } from '../queries/coupon-view.ts';
import type { RedemptionCodes } from './ports.ts';

/**
 * Uses the coupon of a redemption code. A caller who serves no store is refused before the code is looked at, so that the response says
 * nothing about it.
 */
export const useAtCounter =
  ({ lifecycle, clock }: LifecycleOperation, stores: StoreChecks, codes: Pick<RedemptionCodes, 'couponIdsOf'>) =>
  async (request: UseAtCounterRequest): Promise<UseAtCounterResponse> => {
    const { principal, redemptionCode, orderAmount = null, commandKey } = request;
    if (orderAmount !== null && orderAmount < 1n) {
      return toRefusalResponse(refuse('VALIDATION_FAILED', { orderAmount: 'must be above 0' }));
    }
    const clerk = await clerkOf(stores, principal);
    if (!clerk) return toRefusalResponse(refuse('FORBIDDEN'));
    const couponIds = codes.couponIdsOf(redemptionCode);
    return await executeOnce(
      commandKey,
      {
        type: stored.UseAtCounterResponse,
        refused: toRefusalResponse,
        respond: (outcome: LifecycleOutcome) => toResponse(outcome, clock()),
      },
      async (idempotency) => {
        let outcome: LifecycleOutcome | Replay = NOT_FOUND;
        for (const couponId of couponIds) {
          const command = { kind: 'USE_AT_COUNTER', couponId, clerk, orderAmount, idempotency } as const;
          outcome = await lifecycle.submitOnce(command);
          if (outcome instanceof Replay || !isNotFound(outcome)) break;
        }
        return outcome;
      },
    );
  };

const NOT_FOUND = refused(refuse('COUPON_CODE_NOT_FOUND'));
const isNotFound = (outcome: LifecycleOutcome): boolean =>
  outcome.kind === 'refused' && outcome.refusal.code === 'COUPON_CODE_NOT_FOUND';

function toResponse(outcome: LifecycleOutcome, nowMs: number): UseAtCounterResponse {
  if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal);
  if (outcome.kind === 'ignored' || outcome.coupon.state.status !== 'USED') throw new Error('the outcome is no use');
  const { coupon } = outcome;
  const value = {
    coupon: toUserCouponView(coupon, nowMs),
    storeId: coupon.terms.eligibleStoreId ?? undefined,
    discountAmount: outcome.coupon.state.discountAmount,
  };
  return { outcome: { $case: 'used', value } };
}
