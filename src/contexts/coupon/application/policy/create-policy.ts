import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce, type Responding } from '../../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isManager } from '../../../../platform/kernel/operator.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { managerOf, type StoreChecks } from '../../../store/api.ts';
import { type CreatePolicyRequest, type CreatePolicyResponse, stored } from '../../api.ts';
import { newPolicy, policyStatusAt } from '../../domain/policy/policy.ts';
import { checkTerms } from '../../domain/policy/policy-terms.ts';
import { refuse } from '../../refusals.ts';
import type { SharedCodes } from '../codes/shared-codes.ts';
import { type ResultLookup, replayOr } from '../issue/result-lookup.ts';
import { bindStore } from './bind-store.ts';
import type { Inserted, PolicyStore } from './ports.ts';
import { resolveTrigger, type Triggers } from './trigger.ts';

export interface CreatePolicyDeps {
  readonly policies: Pick<PolicyStore, 'insert'>;
  readonly sharedCodes: SharedCodes;
  readonly stores: StoreChecks;
  readonly resultLookup: Pick<ResultLookup, 'find'>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  readonly triggers: Triggers;
}

/** Creates a policy: PENDING, or ACTIVE if its window has begun. An OWNER creates policies of their OPEN stores. */
export const createPolicy =
  ({ policies, sharedCodes, stores, resultLookup, clock, nextId, triggers }: CreatePolicyDeps) =>
  async ({ principal, terms: requested, commandKey }: CreatePolicyRequest): Promise<CreatePolicyResponse> => {
    if (!principal || !isManager(principal.role)) return toRefusalResponse(refuse('FORBIDDEN'));
    if (!requested) return toRefusalResponse(refuse('VALIDATION_FAILED', { terms: 'is required' }));
    const checked = checkTerms(requested);
    if (isRefusal(checked)) return toRefusalResponse(checked);
    const terms = resolveTrigger(checked, triggers);
    if (isRefusal(terms)) return toRefusalResponse(terms);
    return await executeOnce<Inserted | Refusal, CreatePolicyResponse>(commandKey, CREATING, async (idempotency) => {
      const binding = await bindStore(stores, await managerOf(stores, principal), terms);
      if (isRefusal(binding)) return await replayOr(resultLookup, commandKey, binding);
      const nowMs = clock();
      const status = policyStatusAt({ status: 'PENDING', terms }, nowMs);
      const policy = newPolicy({ id: nextId(), terms, status, createdBy: principal.userId, ...binding }, nowMs);
      if (!(await sharedCodes.claim(policy.id, terms.code)))
        return await replayOr(resultLookup, commandKey, CODE_TAKEN);
      return await policies.insert(policy, idempotency);
    });
  };

/** A policy of another shard has the code. */
export const CODE_TAKEN: Inserted = 'code taken';

/** Responds to a command that creates a policy. */
export const CREATING: Responding<Inserted | Refusal, CreatePolicyResponse> = {
  type: stored.CreatePolicyResponse,
  refused: toRefusalResponse,
  respond(inserted) {
    if (inserted === 'code taken') return toRefusalResponse(refuse('DUPLICATE_COUPON_CODE'));
    if (inserted === 'store closed') return toRefusalResponse(refuse('STORE_NOT_OPEN'));
    return isRefusal(inserted) ? toRefusalResponse(inserted) : { outcome: { $case: 'policy', value: inserted } };
  },
};
