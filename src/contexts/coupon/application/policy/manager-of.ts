import type { Principal } from '../../../../platform/kernel/contract.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { DistributionType } from '../../domain/enumerations.ts';
import { mayManage } from '../../domain/policy/policy.ts';
import { refuse } from '../../refusals.ts';
import type { PolicyStore } from './ports.ts';

/**
 * Returns the principal if it may manage the policy, and the policy has this type. Refuses with POLICY_NOT_FOUND,
 * FORBIDDEN or COUPON_NOT_AVAILABLE.
 */
export async function managerOf(
  store: Pick<PolicyStore, 'find'>,
  principal: Principal | undefined,
  policyId: bigint,
  distributionType: DistributionType,
): Promise<Principal | Refusal> {
  const policy = await store.find(policyId);
  if (!policy) return refuse('POLICY_NOT_FOUND');
  if (!principal || !mayManage(principal, policy)) return refuse('FORBIDDEN');
  const actual = policy.terms.distributionType;
  return actual === distributionType ? principal : refuse('COUPON_NOT_AVAILABLE', { distributionType: actual });
}
