import type { AccessTokens } from '../../../platform/http/access-token.ts';
import { fieldsOf } from '../answer-body.ts';
import type { Crowd } from '../crowd.ts';
import type { Outcome } from '../history.ts';
import { customerTokens, packRequests, postText } from '../requests.ts';

/** A coupon that a user was told of. */
export interface Coupon {
  readonly couponId: string;
  readonly sequenceNo: number;
}
export type CouponOutcome = Outcome<Coupon>;

/** Told of a coupon by 201, or by a 409 that names the one from an attempt whose answer was lost. */
export interface Owned extends CouponOutcome {
  readonly told: Coupon;
}
export const isOwned = (outcome: CouponOutcome): outcome is Owned =>
  outcome.told !== undefined && (outcome.status === 201 || outcome.attempts > 1);

/** One issue request for each of `users` users, each with an own access token: `firstUser`, `firstUser + 1`, … */
export function issueCrowd(
  spec: { readonly url: URL; readonly policyId: string; readonly users: number; readonly firstUser: bigint },
  tokens: AccessTokens,
  nowMs: number,
): Crowd<Coupon> {
  const tokenOf = customerTokens(tokens, nowMs);
  const path = `/api/v1/coupons/policies/${spec.policyId}/issue`;
  const user = (asker: number): string => (spec.firstUser + BigInt(asker)).toString();
  const request = packRequests(spec.users, (asker) => postText(spec.url, { path, token: tokenOf(user(asker)) }));
  return { askers: spec.users, user, request, read: readCoupon };
}

function readCoupon(status: number, body: string): Coupon | undefined {
  if (status !== 201 && status !== 409) return undefined;
  const { couponId, sequenceNo } = fieldsOf(body);
  const number = Number(sequenceNo);
  return typeof couponId === 'string' && Number.isSafeInteger(number) ? { couponId, sequenceNo: number } : undefined;
}
