import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { UpdatePolicyRequest } from '../../api.ts';
import { stored, type UpdatePolicyResponse } from '../../api.ts';
import { changeTerms } from '../../domain/policy/policy.ts';
import { refuse } from '../../refusals.ts';
import { type ChangeDeps, changePolicy } from './change-policy.ts';
import { resolveTrigger, type Triggers } from './trigger.ts';

/** Replaces the terms, if the policy still has the caller's version. */
export const updatePolicy =
  (deps: ChangeDeps, triggers: Triggers) =>
  async (request: UpdatePolicyRequest): Promise<UpdatePolicyResponse> => {
    if (!request.terms) return toRefusalResponse(refuse('VALIDATION_FAILED', { terms: 'is required' }));
    const terms = resolveTrigger(request.terms, triggers);
    if (isRefusal(terms)) return toRefusalResponse(terms);
    return await changePolicy(deps, request, {
      kind: 'TERMS',
      reason: '',
      decide: (policy) => changeTerms(policy, request.version, terms),
      type: stored.UpdatePolicyResponse,
      respond: (_, after) => ({ outcome: { $case: 'policy', value: after } }),
    });
  };
