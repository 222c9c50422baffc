import { type SetQuantityRequest, type SetQuantityResponse, stored } from '../../api.ts';
import { changeQuantity } from '../../domain/policy/policy.ts';
import { type ChangeDeps, changePolicy } from './change-policy.ts';

/** Sets the limit of coupons of a policy, not below the number issued. */
export const setQuantity =
  (deps: ChangeDeps) =>
  (request: SetQuantityRequest): Promise<SetQuantityResponse> => {
    const { policyId, newMaxIssueCount, modifiedBy, reason } = request;
    return changePolicy(deps, request, {
      kind: 'QUANTITY',
      by: modifiedBy,
      reason,
      decide: (policy) => changeQuantity(policy, newMaxIssueCount),
      type: stored.SetQuantityResponse,
      respond: (before, after) => ({
        outcome: {
          $case: 'quantity',
          value: {
            policyId,
            previousMaxIssueCount: before.terms.maxIssueCount,
            newMaxIssueCount,
            currentIssuedCount: after.currentIssueCount,
            remainingCount: newMaxIssueCount - after.currentIssueCount,
          },
        },
      }),
    });
  };
