import { isRefusal } from '../../../platform/kernel/refusal.ts';
import type { ChangePolicyStatusRequest, ChangePolicyStatusResponse } from '../api.ts';
import { changeStatus } from '../domain/policy.ts';
import { type ChangeDeps, changePolicy } from './change-policy.ts';
import { refusal } from './outcome.ts';

/** Activates, pauses or ends a policy by hand. */
export const changePolicyStatus =
  (deps: ChangeDeps) =>
  async ({ principal, policyId, transition }: ChangePolicyStatusRequest): Promise<ChangePolicyStatusResponse> => {
    const note = { kind: 'STATUS', by: String(principal?.userId ?? ''), reason: transition } as const;
    const changed = await changePolicy(deps, principal, policyId, note, (policy, nowMs) =>
      changeStatus(policy, transition, nowMs),
    );
    return isRefusal(changed) ? refusal(changed) : { outcome: { $case: 'policy', value: changed.after } };
  };
