import { isRefusal } from '../../../platform/kernel/refusal.ts';
import type { SetQuantityRequest, SetQuantityResponse } from '../api.ts';
import { changeQuantity } from '../domain/policy.ts';
import { type ChangeDeps, changePolicy } from './change-policy.ts';
import { refusal } from './outcome.ts';

/** Sets how many coupons a policy may issue, never below what it has. */
export const setQuantity =
  (deps: ChangeDeps) =>
  async ({
    principal,
    policyId,
    newMaxIssueCount,
    modifiedBy,
    reason,
  }: SetQuantityRequest): Promise<SetQuantityResponse> => {
    const note = { kind: 'QUANTITY', by: modifiedBy, reason } as const;
    const changed = await changePolicy(deps, principal, policyId, note, (policy) =>
      changeQuantity(policy, newMaxIssueCount),
    );
    if (isRefusal(changed)) return refusal(changed);
    const { before, after } = changed;
    return {
      outcome: {
        $case: 'quantity',
        value: {
          policyId,
          previousMaxIssueCount: before.terms?.maxIssueCount,
          newMaxIssueCount,
          currentIssuedCount: after.currentIssueCount,
          remainingCount: newMaxIssueCount - after.currentIssueCount,
        },
      },
    };
  };
