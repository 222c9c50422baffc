import type { Clock } from '../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { CreatePolicyRequest, CreatePolicyResponse, Policy } from '../api.ts';
import { checkTerms } from '../domain/policy.ts';
import { refusal } from './outcome.ts';
import type { PolicyStore } from './ports.ts';

/** Makes a policy: PENDING, or ACTIVE at once when its window has begun. */
export const createPolicy =
  (store: PolicyStore, clock: Clock, nextId: IdSource) =>
  async ({ principal, terms }: CreatePolicyRequest): Promise<CreatePolicyResponse> => {
    if (!principal || (principal.role !== 'ADMIN' && principal.role !== 'OWNER')) return refusal(refuse('FORBIDDEN'));
    if (!terms) return refusal(refuse('VALIDATION_FAILED', { terms: 'is required' }));
    const broken = checkTerms(terms);
    if (broken) return refusal(broken);
    const now = new Date(clock());
    const open = terms.validFrom !== undefined && terms.validFrom <= now;
    const policy: Policy = {
      id: nextId(),
      terms,
      status: open ? 'ACTIVE' : 'PENDING',
      currentIssueCount: 0,
      version: 1,
      createdAt: now,
      updatedAt: now,
      createdBy: principal.userId,
    };
    const stored = await store.insert(policy);
    if (stored === 'code taken') return refusal(refuse('DUPLICATE_COUPON_CODE'));
    return { outcome: { $case: 'policy', value: stored } };
  };
