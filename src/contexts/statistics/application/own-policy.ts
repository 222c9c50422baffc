import type { Principal } from '../../../platform/kernel/contract.ts';
import { isManager } from '../../../platform/kernel/operator.ts';
import { isRefusal, type Refusal, resultIn } from '../../../platform/kernel/refusal.ts';
import type { Policy } from '../../coupon/api.ts';
import { managerOf, managesStore } from '../../store/api.ts';
import { refuse } from '../refusals.ts';
import type { Sources } from './ports.ts';

/** Returns a policy whose figures the principal may see. A policy of another owner is refused as if it did not exist. */
export async function ownPolicy(
  { coupon, stores }: Sources,
  principal: Principal | undefined,
  policyId: bigint,
): Promise<Policy | Refusal> {
  if (!isManager(principal?.role)) return refuse('FORBIDDEN');
  const [response, manager] = await Promise.all([coupon.getPolicy({ policyId }), managerOf(stores, principal)]);
  const policy = resultIn(response);
  if (isRefusal(policy)) return policy;
  return managesStore(manager, policy.terms?.storeId) ? policy : refuse('POLICY_NOT_FOUND');
}
