import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce, type Responding } from '../../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { CreatePolicyRequest } from '../../api.ts';
import { type CreatePolicyResponse, stored } from '../../api.ts';
import { type Policy, policyStatusAt } from '../../domain/policy/policy.ts';
import { checkTerms } from '../../domain/policy/policy-terms.ts';
import { refuse } from '../../refusals.ts';
import type { Inserted, PolicyStore } from './ports.ts';
import { resolveTrigger, type Triggers } from './trigger.ts';

/** Creates a policy: PENDING, or ACTIVE if its window has begun. */
export const createPolicy =
  (store: PolicyStore, clock: Clock, nextId: IdSource, triggers: Triggers) =>
  async ({ principal, terms: requested, commandKey }: CreatePolicyRequest): Promise<CreatePolicyResponse> => {
    if (!principal || (!isOperator(principal.role) && principal.role !== 'OWNER'))
      return toRefusalResponse(refuse('FORBIDDEN'));
    if (!requested) return toRefusalResponse(refuse('VALIDATION_FAILED', { terms: 'is required' }));
    const checked = checkTerms(requested);
    if (isRefusal(checked)) return toRefusalResponse(checked);
    const terms = resolveTrigger(checked, triggers);
    if (isRefusal(terms)) return toRefusalResponse(terms);
    const now = new Date(clock());
    const policy: Policy = {
      id: nextId(),
      terms,
      status: policyStatusAt({ status: 'PENDING', terms }, now.getTime()),
      currentIssueCount: 0,
      version: 1,
      createdAt: now,
      updatedAt: now,
      createdBy: principal.userId,
    };
    return await executeOnce(commandKey, RESPONDING, (idempotency) => store.insert(policy, idempotency));
  };

const RESPONDING: Responding<Inserted, CreatePolicyResponse> = {
  type: stored.CreatePolicyResponse,
  refused: toRefusalResponse,
  respond: (inserted) =>
    inserted === 'code taken'
      ? toRefusalResponse(refuse('DUPLICATE_COUPON_CODE'))
      : { outcome: { $case: 'policy', value: inserted } },
};
