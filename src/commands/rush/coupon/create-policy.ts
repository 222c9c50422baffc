import type { AccessTokens } from '../../../platform/http/access-token.ts';
import { DAY_MS } from '../../../platform/kernel/durations.ts';
import { adminOf, textField } from '../admin.ts';

/**
 * Creates and opens a FIRST_COME policy for `coupons` coupons over HTTP. Returns its id.
 * @throws StartError with the server's refusal
 */
export async function createPolicy(url: URL, tokens: AccessTokens, coupons: number, nowMs: number): Promise<string> {
  const post = adminOf(url, tokens, nowMs);
  const created = await post('/api/v1/coupon-policies', {
    name: `Rush of ${new Date(nowMs).toISOString()}`,
    discountType: 'FIXED_AMOUNT',
    discountValue: 5000,
    minimumOrderAmount: 10000,
    distributionType: 'FIRST_COME',
    maxIssueCount: coupons,
    validDays: 30,
    validFrom: new Date(Math.floor(nowMs / 1000) * 1000).toISOString(),
    validUntil: new Date(nowMs + DAY_MS).toISOString(),
  });
  const id = textField(created, 'couponPolicyId');
  if (created['status'] !== 'ACTIVE') await post(`/api/v1/admin/coupon-policies/${id}/activate`);
  return id;
}
