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
    const isCodeFree = await claimNewCode(deps, sharedCodes, request, before, terms);
    return await changePolicy(deps, request, {
      kind: 'TERMS',
      reason: '',
      decide(policy, _, manager) {
        const changed = changeTerms(policy, request.version, terms, request.applyToIssued);
        if (isRefusal(changed)) return changed;
        if (!mayManage(manager, changed.terms)) return refuse('FORBIDDEN');
        if (!isCodeFree) return refuse('DUPLICATE_COUPON_CODE');
        return withStore(changed, policy, moved);
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

/** Claims another code for a caller who may change the policy: else anybody could block codes. */
async function claimNewCode(
  { stores }: ChangeDeps,
  sharedCodes: SharedCodes,
  { principal, policyId }: UpdatePolicyRequest,
  policy: Policy | undefined,
  { code }: RequestedTerms,
): Promise<boolean> {
  if (!policy || code === policy.terms.code || !mayManage(await managerOf(stores, principal), policy.terms))
    return true;
  return await sharedCodes.claim(policyId, code);
}

function withStore(changed: Policy, before: Policy, moved: StoreBinding | Refusal | undefined): Policy | Refusal {
  if (changed.terms.storeId === before.terms.storeId) return changed;
  // Another request moved it after it was read, so no store was checked.
  if (!moved) return refuse('OPTIMISTIC_LOCK_FAILURE', { currentVersion: String(before.version) });
  return isRefusal(moved) ? moved : { ...changed, storeVersion: moved.storeVersion };
}
