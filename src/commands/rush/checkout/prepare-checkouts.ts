import type { AccessTokens } from '../../../platform/http/access-token.ts';
import { StartError } from '../../../platform/kernel/start-error.ts';
import { adminOf, machineToken } from '../admin.ts';
import { createPolicy } from '../coupon/create-policy.ts';
import { issueProfile } from '../coupon/issue-profile.ts';
import { createProduct } from '../create-product.ts';
import type { LoadProfile } from '../load-profile.ts';
import type { OrderData } from '../order-response.ts';
import { customerTokens, packRequests, postText } from '../requests.ts';
import { sendAll } from '../send-all.ts';
import { checkoutProfile } from './checkout-profile.ts';

/** The balance and coupons of each user before the orders. */
export const CHARGED = 20_000;

export interface CheckoutsSpec {
  readonly url: URL;
  readonly tokens: AccessTokens;
  readonly connections: number;
  readonly nowMs: number;
  readonly firstUser: bigint;
  readonly users: number;
  /** The first users, this many, also have a coupon, and use it and some points in addition to the payment. */
  readonly couponUsers: number;
}

export interface Checkouts {
  readonly productId: string;
  readonly policyId: string;
  readonly profile: LoadProfile<OrderData>;
}

/** Creates a product with a unit for each user, points for each user, and coupons for some. */
export async function prepareCheckouts(spec: CheckoutsSpec): Promise<Checkouts> {
  const { url, tokens, nowMs, users, couponUsers } = spec;
  const productId = await createProduct(adminOf(url, tokens, nowMs), users, nowMs);
  const policyId = await createPolicy(url, tokens, Math.max(1, couponUsers), nowMs);
  const tokenOf = customerTokens(tokens, nowMs);
  const tokenOfIndex = Array.from({ length: users }, (_, index) =>
    tokenOf((spec.firstUser + BigInt(index)).toString()),
  );
  await charge(spec);
  const coupons = await issue(spec, policyId);
  return { productId, policyId, profile: checkoutProfile({ ...spec, productId, tokenOfIndex, coupons }) };
}

/**
 * Directly, as machines may: customers would pay for their points at the provider. A machine for each user, because the server limits the
 * requests of each caller.
 */
async function charge({ url, tokens, nowMs, connections, firstUser, users }: CheckoutsSpec): Promise<void> {
  const user = (index: number): string => (firstUser + BigInt(index)).toString();
  const request = packRequests(users, (index) => {
    const token = machineToken(tokens, user(index), 'points:charge', nowMs);
    const body = JSON.stringify({ userId: user(index), amount: CHARGED });
    return postText(url, { path: '/api/v1/points/charge', token, key: `rush ${user(index)}`, body });
  });
  const profile: LoadProfile<undefined> = { clients: users, user, request, read: () => undefined };
  const { outcomes } = await sendAll(profile, { urls: [url], connections });
  // 201, and 200 by a build from before customers paid for charges, which bench:orders compares with.
  const charged = outcomes.filter(({ status }) => status === 201 || status === 200).length;
  if (charged !== users) {
    const refused = outcomes.find(({ status }) => status !== 201 && status !== 200);
    throw new StartError(
      `only ${charged} of ${users} users got points; another got ${refused?.status} ${refused?.code ?? ''}`,
    );
  }
}

/** By the index of the user. */
async function issue(spec: CheckoutsSpec, policyId: string): Promise<ReadonlyMap<number, string>> {
  const { url, connections, couponUsers, tokens, nowMs } = spec;
  const profile = issueProfile({ url, policyId, users: couponUsers, firstUser: spec.firstUser }, tokens, nowMs);
  const { outcomes } = await sendAll(profile, { urls: [url], connections });
  const coupons = outcomes.flatMap(({ client, data }) =>
    data === undefined ? [] : [[client, data.couponId] as const],
  );
  if (coupons.length !== couponUsers)
    throw new StartError(`only ${coupons.length} of ${couponUsers} users got a coupon`);
  return new Map(coupons);
}
