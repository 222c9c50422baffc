import type { Principal } from '../../../../platform/kernel/contract.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { DistributionType } from '../../domain/enumerations.ts';
import { mayManage, type Policy } from '../../domain/policy/policy.ts';
import { refuse } from '../../refusals.ts';
import type { PolicyStore } from './ports.ts';

/**
 * Returns the policy if it has this type and the principal may manage it. Refuses with POLICY_NOT_FOUND, FORBIDDEN or
 * COUPON_NOT_AVAILABLE.
 */
export async function findManagedPolicy(
  store: Pick<PolicyStore, 'find'>,
  principal: Principal | undefined,
  policyId: bigint,
  distributionType: DistributionType,
): Promise<Policy | Refusal> {
  const policy = await store.find(policyId);
  if (!policy) return refuse('POLICY_NOT_FOUND');
  if (!principal || !mayManage(principal, policy)) return refuse('FORBIDDEN');
  const actual = policy.terms.distributionType;
  return actual === distributionType ? policy : refuse('COUPON_NOT_AVAILABLE', { distributionType: actual });
}
