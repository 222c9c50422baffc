import type { Principal } from '../../../../platform/kernel/contract.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { type Manager, managerOf, type StoreChecks } from '../../../store/api.ts';
import type { DistributionType } from '../../domain/enumerations.ts';
import { mayManage } from '../../domain/policy/policy.ts';
import { refuse } from '../../refusals.ts';
import type { PolicyStore } from './ports.ts';

/** Finds policies that a principal may manage. */
export interface ManagedPolicies {
  readonly policies: Pick<PolicyStore, 'find'>;
  readonly stores: StoreChecks;
}

/**
 * Returns the principal if it may manage the policy, and the policy has this type, if one is given. Refuses with POLICY_NOT_FOUND, FORBIDDEN or
 * COUPON_NOT_AVAILABLE. Issuing from DIRECT policies is for operators, because an OWNER may issue to their subscribers only, and no subscription is
 * known yet.
 */
export async function policyManagerOf(
  { policies, stores }: ManagedPolicies,
  principal: Principal | undefined,
  policyId: bigint,
  distributionType?: DistributionType,
): Promise<Manager | Refusal> {
  const [policy, manager] = await Promise.all([policies.find(policyId), managerOf(stores, principal)]);
  if (!policy) return refuse('POLICY_NOT_FOUND');
  if (!manager || !mayManage(manager, policy.terms)) return refuse('FORBIDDEN');
  if (distributionType === 'DIRECT' && !isOperator(manager.role)) return refuse('FORBIDDEN');
  const actual = policy.terms.distributionType;
  return distributionType === undefined || actual === distributionType
    ? manager
    : refuse('COUPON_NOT_AVAILABLE', { distributionType: actual });
}
