import { isRefusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { UpdatePolicyRequest, UpdatePolicyResponse } from '../api.ts';
import { changeTerms } from '../domain/policy.ts';
import { type ChangeDeps, changePolicy } from './change-policy.ts';
import { refusal } from './outcome.ts';
import { type Triggers, withTopic } from './trigger.ts';

/** Replaces the terms of the version the caller has seen. */
export const updatePolicy =
  (deps: ChangeDeps, triggers: Triggers) =>
  async ({ principal, policyId, version, terms: asked }: UpdatePolicyRequest): Promise<UpdatePolicyResponse> => {
    if (!asked) return refusal(refuse('VALIDATION_FAILED', { terms: 'is required' }));
    const terms = withTopic(asked, triggers);
    if (isRefusal(terms)) return refusal(terms);
    const note = { kind: 'TERMS', by: String(principal?.userId ?? ''), reason: '' } as const;
    const changed = await changePolicy(deps, principal, policyId, note, (policy) =>
      changeTerms(policy, version, terms),
    );
    return isRefusal(changed) ? refusal(changed) : { outcome: { $case: 'policy', value: changed.after } };
  };
