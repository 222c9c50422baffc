import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import { accessTokens, validFor } from '../../src/platform/http/access-token.ts';

export const LOAD_JWT_SECRET = 'load-of-issues-load-of-issues-load-!!';
const tokens = accessTokens(LOAD_JWT_SECRET, Date.now);
const FIRST_USER = 1_000_000;

/** Clients that each request a coupon for another user as soon as they have the last response, and repeat nothing. */
export interface IssueLoad {
  readonly policyId: string;
  /** The ids of the coupons that were acknowledged. */
  readonly acknowledged: ReadonlySet<string>;
  /** What each request without a coupon got: its status and body, or its error with the code. */
  readonly failed: readonly string[];
  /** Resolves when `count` more coupons were acknowledged, or a request failed. */
  served(count: number): Promise<void>;
  /** Resolves when every client has ended. */
  readonly ended: Promise<unknown>;
  /** Ends each client after its next response. */
  stop(): Promise<void>;
}

export interface IssueLoadOptions {
  /** The API of a server with LOAD_JWT_SECRET as JWT_SECRET and STAMPEDE_RATE_LIMIT=off. */
  readonly url: string;
  readonly clients: number;
  /** Default true. False: a client ends with the response that closes its connection. */
  readonly reconnects?: boolean;
}

/** Creates the policy, and begins. */
export async function startIssueLoad({ url, clients, reconnects = true }: IssueLoadOptions): Promise<IssueLoad> {
  const agent = new Agent({ connections: clients });
  const policyId = await createPolicy(url);
  const failed: string[] = [];
  const acknowledged = new Set<string>();
  let user = FIRST_USER;
  let isLoaded = true;

  /** Returns whether the connection stays open. */
  async function issue(): Promise<boolean> {
    user += 1;
    const sent = { method: 'POST', dispatcher: agent, headers: headersOf(String(user), 'CUSTOMER') } as const;
    const { statusCode, headers, body } = await request(`${url}/coupons/policies/${policyId}/issue`, sent);
    const text = await body.text();
    if (statusCode === 201) acknowledged.add((JSON.parse(text) as { couponId: string }).couponId);
    else failed.push(`${statusCode} ${text}`);
    return headers['connection'] !== 'close';
  }

  const running = Promise.all(
    Array.from({ length: clients }, async () => {
      for (let isOpen = true; isLoaded && (isOpen || reconnects); ) {
        isOpen = await issue().catch((error: NodeJS.ErrnoException) => {
          failed.push(`${new Date().toISOString()} ${error.code}: ${error.message}`);
          return false;
        });
      }
    }),
  );
  return {
    policyId,
    acknowledged,
    failed,
    async served(count) {
      const before = acknowledged.size;
      while (acknowledged.size < before + count && failed.length === 0) await sleep(20);
    },
    ended: running,
    async stop() {
      isLoaded = false;
      await running;
      await agent.destroy();
    },
  };
}

const headersOf = (user: string, role: 'CUSTOMER' | 'ADMIN') => ({
  authorization: `Bearer ${tokens.sign({ sub: user, role, ...validFor(900, Date.now()) })}`,
  'content-type': 'application/json',
});

async function createPolicy(url: string): Promise<string> {
  const { statusCode, body } = await request(`${url}/coupon-policies`, {
    method: 'POST',
    headers: headersOf('1', 'ADMIN'),
    body: JSON.stringify({
      name: 'Load',
      discountType: 'FIXED_AMOUNT',
      discountValue: 1_000,
      distributionType: 'FIRST_COME',
      maxIssueCount: 1_000_000,
      validDays: 7,
      validFrom: new Date(Date.now() - 60_000).toISOString(),
      validUntil: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  });
  const policy = (await body.json()) as { couponPolicyId: string };
  expect(statusCode, JSON.stringify(policy)).toBe(201);
  return policy.couponPolicyId;
}
