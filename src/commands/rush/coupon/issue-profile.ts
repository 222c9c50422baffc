import type { AccessTokens } from '../../../platform/http/access-token.ts';
import type { Outcome } from '../history.ts';
import type { LoadProfile } from '../load-profile.ts';
import { customerTokens, packRequests, postText } from '../requests.ts';
import { fieldsOf } from '../response-body.ts';

/** A coupon that a response contained. */
export interface Coupon {
  readonly couponId: string;
  readonly sequenceNo: number;
}
export type CouponOutcome = Outcome<Coupon>;

/** A response with the user's coupon: 201, or a 409 that names the coupon of an attempt whose response was lost. */
export interface Owned extends CouponOutcome {
  readonly data: Coupon;
}
export const isOwned = (outcome: CouponOutcome): outcome is Owned =>
  outcome.data !== undefined && (outcome.status === 201 || outcome.attempts > 1);

/** One issue request for each of `users` users, each with its own access token: `firstUser`, `firstUser + 1`, … */
export function issueProfile(
  spec: { readonly url: URL; readonly policyId: string; readonly users: number; readonly firstUser: bigint },
  tokens: AccessTokens,
  nowMs: number,
): LoadProfile<Coupon> {
  const tokenOf = customerTokens(tokens, nowMs);
  const path = `/api/v1/coupons/policies/${spec.policyId}/issue`;
  const user = (client: number): string => (spec.firstUser + BigInt(client)).toString();
  const request = packRequests(spec.users, (client) => postText(spec.url, { path, token: tokenOf(user(client)) }));
  return { clients: spec.users, user, request, read: readCoupon };
}

function readCoupon(status: number, body: string): Coupon | undefined {
  if (status !== 201 && status !== 409) return undefined;
  const { couponId, sequenceNo } = fieldsOf(body);
  const number = Number(sequenceNo);
  return typeof couponId === 'string' && Number.isSafeInteger(number) ? { couponId, sequenceNo: number } : undefined;
}
