import type { Clock } from '../../../../platform/kernel/clock.ts';
import { cutPage, readPage } from '../../../../platform/kernel/pages.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type {
  GetPolicyRequest,
  GetPolicyResponse,
  GetStockRequest,
  GetStockResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
} from '../../api.ts';
import { isOpen, isPolicyStatus, policyAt } from '../../domain/policy/policy.ts';
import { isDistributionType } from '../../domain/policy/policy-terms.ts';
import { refuse } from '../../refusals.ts';
import type { PolicyStore } from './ports.ts';

export const getPolicy =
  (store: PolicyStore, clock: Clock) =>
  async ({ policyId }: GetPolicyRequest): Promise<GetPolicyResponse> => {
    const policy = await store.find(policyId);
    if (!policy) return toRefusalResponse(refuse('POLICY_NOT_FOUND'));
    return { outcome: { $case: 'policy', value: policyAt(policy, clock()) } };
  };

const NO_POLICIES: ListPoliciesResponse = { policies: [], nextCursor: undefined };

/**
 * Newest first. Statuses are those at the current time, as in `getPolicy`. An invalid cursor and an unknown status or type
 * give an empty page.
 */
export const listPolicies =
  (store: PolicyStore, clock: Clock) =>
  async ({ page, status, distributionType, storeId, mayLag }: ListPoliciesRequest): Promise<ListPoliciesResponse> => {
    const pageRequest = readPage(page);
    if (!pageRequest) return NO_POLICIES;
    if (status !== undefined && !isPolicyStatus(status)) return NO_POLICIES;
    if (distributionType !== undefined && !isDistributionType(distributionType)) return NO_POLICIES;
    const { limit, before } = pageRequest;
    const now = new Date(clock());
    const found = await store.list({ status, now, distributionType, storeId, mayLag, before, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, (policy) => policy.id);
    return { policies: rows.map((policy) => policyAt(policy, now.getTime())), nextCursor };
  };

export const getStock =
  (store: PolicyStore, clock: Clock) =>
  async ({ policyId }: GetStockRequest): Promise<GetStockResponse> => {
    const policy = await store.find(policyId);
    if (!policy) return toRefusalResponse(refuse('POLICY_NOT_FOUND'));
    const max = policy.terms.maxIssueCount;
    const remaining = max === undefined ? undefined : Math.max(0, max - policy.currentIssueCount);
    return {
      outcome: {
        $case: 'stock',
        value: { policyId, remaining, available: remaining !== 0 && isOpen(policy, clock()) },
      },
    };
  };
