import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { managerOf } from '../../../store/api.ts';
import {
  type PolicyTerms as RequestedTerms,
  stored,
  type UpdatePolicyRequest,
  type UpdatePolicyResponse,
} from '../../api.ts';
import { changeTerms, mayManage, type Policy } from '../../domain/policy/policy.ts';
import { refuse } from '../../refusals.ts';
import type { SharedCodes } from '../codes/shared-codes.ts';
import { bindStore, type StoreBinding } from './bind-store.ts';
import { type ChangeDeps, changePolicy } from './change-policy.ts';
import { resolveTrigger, type Triggers } from './trigger.ts';

/**
 * Replaces the terms, if the policy still has the caller's version. Issued coupons keep theirs unless `applyToIssued`. The manager
 * must manage a new store, too, and it must be OPEN.
 */
export const updatePolicy =
  (deps: ChangeDeps, sharedCodes: SharedCodes, triggers: Triggers) =>
  async (request: UpdatePolicyRequest): Promise<UpdatePolicyResponse> => {
    if (!request.terms) return toRefusalResponse(refuse('VALIDATION_FAILED', { terms: 'is required' }));
    const terms = resolveTrigger(request.terms, triggers);
    if (isRefusal(terms)) return toRefusalResponse(terms);
    const before = await deps.store.find(request.policyId);
    const moved = await bindNewStore(deps, request, before, terms);
    const claim = moved && isRefusal(moved) ? 'NONE' : await claimNewCode(deps, sharedCodes, request, before, terms);
    return await changePolicy(deps, request, {
      kind: 'TERMS',
      reason: '',
      decide(policy, _, manager) {
        const changed = changeTerms(policy, request.version, terms, request.applyToIssued);
        if (isRefusal(changed)) return changed;
        if (!mayManage(manager, changed.terms)) return refuse('FORBIDDEN');
        const bound = withStore(changed, policy, moved);
        return isRefusal(bound) ? bound : withCode(bound, policy, claim);
      },
      type: stored.UpdatePolicyResponse,
      respond: (_, after) => ({ outcome: { $case: 'policy', value: after } }),
    });
  };

/** Checks the requested store when the policy does not have it yet. Without a lock: `withStore` compares it under the lock. */
async function bindNewStore(
  { stores }: ChangeDeps,
  { principal }: UpdatePolicyRequest,
  policy: Policy | undefined,
  terms: RequestedTerms,
): Promise<StoreBinding | Refusal | undefined> {
  if (!policy || policy.terms.storeId === terms.storeId) return undefined;
  return await bindStore(stores, await managerOf(stores, principal), terms);
}

/** TAKEN: another policy has the code. NONE: the update has no other code, or will be refused. */
type CodeClaim = 'CLAIMED' | 'TAKEN' | 'NONE';

/**
 * Claims another code, for a caller who may change the policy and has its version: a claim keeps the code from others, also when the update
 * is refused.
 */
async function claimNewCode(
  { stores }: ChangeDeps,
  sharedCodes: SharedCodes,
  { principal, policyId, version, applyToIssued }: UpdatePolicyRequest,
  policy: Policy | undefined,
  terms: RequestedTerms,
): Promise<CodeClaim> {
  if (!policy || terms.code === policy.terms.code) return 'NONE';
  if (isRefusal(changeTerms(policy, version, terms, applyToIssued))) return 'NONE';
  if (!mayManage(await managerOf(stores, principal), policy.terms)) return 'NONE';
  return (await sharedCodes.claim(policyId, terms.code)) ? 'CLAIMED' : 'TAKEN';
}

function withCode(changed: Policy, before: Policy, claim: CodeClaim): Policy | Refusal {
  if (changed.terms.code === before.terms.code || claim === 'CLAIMED') return changed;
  return claim === 'TAKEN' ? refuse('DUPLICATE_COUPON_CODE') : changedMeanwhile(before);
}

/** Another request changed the policy after it was read, so what this one needs was not checked. */
const changedMeanwhile = ({ version }: Policy): Refusal =>
  refuse('OPTIMISTIC_LOCK_FAILURE', { currentVersion: String(version) });

function withStore(changed: Policy, before: Policy, moved: StoreBinding | Refusal | undefined): Policy | Refusal {
  if (changed.terms.storeId === before.terms.storeId) return changed;
  if (!moved) return changedMeanwhile(before);
  return isRefusal(moved) ? moved : { ...changed, storeVersion: moved.storeVersion };
}
