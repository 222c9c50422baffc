import type pg from 'pg';
import type { NewCoupon } from '../../../domain/issue/issue.ts';
import { lockPolicy } from '../policy/lock-policy.ts';

const IS_THERE = 'select 1 from coupon.coupon_issues where id = $1';

/** Returns whether a coupon of a batch without a response was committed. The lock waits for a transaction that still runs. */
export async function isCouponThere(
  client: pg.ClientBase,
  { policyId, couponId }: Pick<NewCoupon, 'policyId' | 'couponId'>,
): Promise<boolean> {
  await lockPolicy(client, policyId);
  return (await client.query(IS_THERE, [couponId])).rowCount === 1;
}
