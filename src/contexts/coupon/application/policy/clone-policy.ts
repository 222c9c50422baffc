import { executeOnce } from '../../../../platform/kernel/command-key.ts';
import type { Principal } from '../../../../platform/kernel/contract.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { managerOf } from '../../../store/api.ts';
import type { ClonePolicyRequest, CreatePolicyResponse } from '../../api.ts';
import { newPolicy } from '../../domain/policy/policy.ts';
import { checkTerms, type PolicyTerms } from '../../domain/policy/policy-terms.ts';
import { refuse } from '../../refusals.ts';
import { replayOr } from '../issue/result-lookup.ts';
import { bindStore } from './bind-store.ts';
import { CODE_TAKEN, CREATING, type CreatePolicyDeps } from './create-policy.ts';
import type { Inserted, PolicyStore } from './ports.ts';
import { resolveTrigger } from './trigger.ts';

/** What a clone needs besides what a new policy needs. */
export type ClonePolicyDeps = CreatePolicyDeps & { readonly policies: Pick<PolicyStore, 'find'> };

/**
 * Creates a PAUSED policy with the terms of another one, which its editor activates once it is right. The clone has no coupons, and only
 * the code that the request gives. For those who may manage the policy.
 */
export const clonePolicy =
  ({ policies, sharedCodes, stores, resultLookup, clock, nextId, triggers }: ClonePolicyDeps) =>
  async (request: ClonePolicyRequest): Promise<CreatePolicyResponse> => {
    const { principal, policyId, commandKey } = request;
    if (!principal) return toRefusalResponse(refuse('FORBIDDEN'));
    return await executeOnce<Inserted | Refusal, CreatePolicyResponse>(commandKey, CREATING, async (idempotency) => {
      const prepared = await prepare(principal);
      if (isRefusal(prepared)) return await replayOr(resultLookup, commandKey, prepared);
      if (!(await sharedCodes.claim(prepared.id, prepared.terms.code)))
        return await replayOr(resultLookup, commandKey, CODE_TAKEN);
      return await policies.insert(newPolicy(prepared, clock()), idempotency);
    });

    async function prepare(editor: Principal) {
      const [source, manager] = await Promise.all([policies.find(policyId), managerOf(stores, editor)]);
      if (!source) return refuse('POLICY_NOT_FOUND');
      // The clone has the store and the type of its policy, so who may make the one manages the other.
      const binding = await bindStore(stores, manager, source.terms);
      if (isRefusal(binding)) return binding;
      const changed = changedTerms(source.terms, request, clock());
      const terms = isRefusal(changed) ? changed : resolveTrigger(changed, triggers);
      if (isRefusal(terms)) return terms;
      return { id: nextId(), terms, status: 'PAUSED' as const, createdBy: editor.userId, ...binding };
    }
  };

function changedTerms(source: PolicyTerms, request: ClonePolicyRequest, nowMs: number): PolicyTerms | Refusal {
  const { name = source.name, validFrom = source.validFrom, validUntil = source.validUntil, code } = request;
  if (validUntil.getTime() <= nowMs) {
    return refuse('VALIDATION_FAILED', { validUntil: 'must be later: a policy whose window is over issues nothing' });
  }
  if (request.expireAt !== undefined && source.expireAt === undefined)
    return refuse('VALIDATION_FAILED', { expireAt: 'is for the clone of a policy that has one' });
  const expireAt = request.expireAt ?? source.expireAt;
  return checkTerms({ ...source, name, validFrom, validUntil, expireAt, code });
}
