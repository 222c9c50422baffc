import type { AccessTokens } from '../../platform/http/access-token.ts';
import { StartError } from '../../platform/kernel/start-error.ts';

const TOKEN_LIFE_SECONDS = 600;
const DAY_MS = 86_400_000;
const TEXT_MAX = 500;

/**
 * Creates and opens a FIRST_COME policy for `coupons` coupons over HTTP, as an admin whose token is signed here. Answers its
 * id.
 * @throws StartError with the server's answer when it refuses.
 */
export async function createPolicy(url: URL, tokens: AccessTokens, coupons: number, nowMs: number): Promise<string> {
  const iat = Math.floor(nowMs / 1000);
  const token = tokens.sign({ sub: '1', role: 'ADMIN', iat, exp: iat + TOKEN_LIFE_SECONDS });
  const created = await post(new URL('/api/v1/coupon-policies', url), token, {
    name: `Rush of ${new Date(nowMs).toISOString()}`,
    discountType: 'FIXED_AMOUNT',
    discountValue: 5000,
    minimumOrderAmount: 10000,
    distributionType: 'FIRST_COME',
    maxIssueCount: coupons,
    validDays: 30,
    validFrom: new Date(iat * 1000).toISOString(),
    validUntil: new Date(nowMs + DAY_MS).toISOString(),
  });
  const id = created['couponPolicyId'];
  if (typeof id !== 'string') throw new Error(`a policy without id: ${JSON.stringify(created)}`);
  if (created['status'] !== 'ACTIVE') {
    await post(new URL(`/api/v1/admin/coupon-policies/${id}/activate`, url), token, undefined);
  }
  return id;
}

async function post(url: URL, token: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  if (answer.status === 401) throw new StartError(`${url.origin} does not accept a token signed with this JWT_SECRET.`);
  if (!answer.ok) throw new StartError(`POST ${url.pathname} answered ${answer.status}: ${text.slice(0, TEXT_MAX)}`);
  return JSON.parse(text) as Record<string, unknown>;
}
