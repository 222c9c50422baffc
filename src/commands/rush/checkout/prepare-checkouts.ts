import type { AccessTokens } from '../../../platform/http/access-token.ts';
import { StartError } from '../../../platform/kernel/start-error.ts';
import { adminOf } from '../admin.ts';
import { createPolicy } from '../coupon/create-policy.ts';
import { issueCrowd } from '../coupon/issue-crowd.ts';
import { createProduct } from '../create-product.ts';
import type { Crowd } from '../crowd.ts';
import type { ToldOrder } from '../order-answer.ts';
import { customerTokens, packRequests, postText } from '../requests.ts';
import { sendAll } from '../send-all.ts';
import { checkoutCrowd } from './checkout-crowd.ts';

/** What everybody has before they order. */
export const CHARGED = 20_000;

export interface CheckoutsSpec {
  readonly url: URL;
  readonly tokens: AccessTokens;
  readonly connections: number;
  readonly nowMs: number;
  readonly firstUser: bigint;
  readonly users: number;
  /** The first so many have a coupon too, and use it and some points beside what they pay with. */
  readonly couponUsers: number;
}

export interface Checkouts {
  readonly productId: string;
  readonly policyId: string;
  readonly crowd: Crowd<ToldOrder>;
}

/** A product with a unit for everybody, points for everybody, and coupons for some. */
export async function prepareCheckouts(spec: CheckoutsSpec): Promise<Checkouts> {
  const { url, tokens, nowMs, users, couponUsers } = spec;
  const productId = await createProduct(adminOf(url, tokens, nowMs), users, nowMs);
  const policyId = await createPolicy(url, tokens, Math.max(1, couponUsers), nowMs);
  const tokenOf = customerTokens(tokens, nowMs);
  const tokenOfIndex = Array.from({ length: users }, (_, index) =>
    tokenOf((spec.firstUser + BigInt(index)).toString()),
  );
  await charge(spec, tokenOfIndex);
  const coupons = await issue(spec, policyId);
  return { productId, policyId, crowd: checkoutCrowd({ ...spec, productId, tokenOfIndex, coupons }) };
}

async function charge({ url, connections, firstUser }: CheckoutsSpec, tokens: readonly string[]): Promise<void> {
  const body = JSON.stringify({ amount: CHARGED });
  const request = packRequests(tokens.length, (index) =>
    postText(url, { path: '/api/v1/points/charge', token: tokens[index] ?? '', key: 'rush', body }),
  );
  const user = (asker: number): string => (firstUser + BigInt(asker)).toString();
  const crowd: Crowd<undefined> = { askers: tokens.length, user, request, read: () => undefined };
  const { outcomes } = await sendAll(crowd, { urls: [url], connections });
  const charged = outcomes.filter(({ status }) => status === 200).length;
  if (charged !== tokens.length) throw new StartError(`only ${charged} of ${tokens.length} users could charge points`);
}

/** By the index of the user. */
async function issue(spec: CheckoutsSpec, policyId: string): Promise<ReadonlyMap<number, string>> {
  const { url, connections, couponUsers, tokens, nowMs } = spec;
  const crowd = issueCrowd({ url, policyId, users: couponUsers, firstUser: spec.firstUser }, tokens, nowMs);
  const { outcomes } = await sendAll(crowd, { urls: [url], connections });
  const coupons = outcomes.flatMap(({ asker, told }) => (told === undefined ? [] : [[asker, told.couponId] as const]));
  if (coupons.length !== couponUsers)
    throw new StartError(`only ${coupons.length} of ${couponUsers} users got a coupon`);
  return new Map(coupons);
}
