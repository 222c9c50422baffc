import type { Principal } from '../../../platform/kernel/contract.ts';
import { isOperator } from '../../../platform/kernel/operator.ts';
import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { Policy } from '../../coupon/api.ts';
import { refuse } from '../refusals.ts';
import type { CouponFacts } from './ports.ts';

/** Returns a policy whose figures the principal may see. A policy of another owner is refused as if it did not exist. */
export async function ownPolicy(
  coupon: Pick<CouponFacts, 'getPolicy'>,
  principal: Principal | undefined,
  policyId: bigint,
): Promise<Policy | Refusal> {
  const seesAll = isOperator(principal?.role);
  if (!seesAll && principal?.role !== 'OWNER') return refuse('FORBIDDEN');
  const { outcome } = await coupon.getPolicy({ policyId });
  if (outcome === undefined) throw new Error('the coupon context responded without an outcome');
  if (outcome.$case === 'refusal') return outcome.value;
  const isTheirs = seesAll || outcome.value.createdBy === principal?.userId;
  return isTheirs ? outcome.value : refuse('POLICY_NOT_FOUND');
}
