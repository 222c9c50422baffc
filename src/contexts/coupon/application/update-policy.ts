import { isRefusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { UpdatePolicyRequest, UpdatePolicyResponse } from '../api.ts';
import { changeTerms } from '../domain/policy.ts';
import { type ChangeDeps, changePolicy } from './change-policy.ts';
import { refusal } from './outcome.ts';

/** Replaces the terms of the version the caller has seen. */
export const updatePolicy =
  (deps: ChangeDeps) =>
  async ({ principal, policyId, version, terms }: UpdatePolicyRequest): Promise<UpdatePolicyResponse> => {
    if (!terms) return refusal(refuse('VALIDATION_FAILED', { terms: 'is required' }));
    const note = { kind: 'TERMS', by: String(principal?.userId ?? ''), reason: '' } as const;
    const changed = await changePolicy(deps, principal, policyId, note, (policy) =>
      changeTerms(policy, version, terms),
    );
    return isRefusal(changed) ? refusal(changed) : { outcome: { $case: 'policy', value: changed.after } };
  };
