import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { accessTokens, validFor } from '../../src/platform/http/access-token.ts';
import { JWT_SECRET } from './stand.ts';
import type { System } from './system.ts';

export interface RushOptions {
  readonly users: number;
  readonly coupons: number;
  /** Users asking at once. */
  readonly clients: number;
  /** Called once, when a quarter of the coupons is acknowledged. Its end is waited for. */
  readonly fault: () => Promise<void>;
}

/** The final response of a user. */
export type Data = { readonly couponId: string; readonly sequenceNo: number } | 'sold out';

export interface Rush {
  readonly policyId: string;
  readonly data: ReadonlyMap<string, Data>;
  /** Responses that were not final, by kind: 'no response', 503, 429. */
  readonly again: ReadonlyMap<string, number>;
  /** Responses that must not occur. */
  readonly wrong: readonly string[];
  /** From the first request to the last final response. */
  readonly seconds: number;
}

const tokens = accessTokens(JWT_SECRET, Date.now);
const REQUEST_TIMEOUT_MS = 3_000;
/** Tests have wrong clocks. */
export const HOUR_MS = 3_600_000;
/** Some tests advance the clock by hours. */
export const MONTH_MS = 30 * 86_400_000;
const ATTEMPTS_MAX = 200;
const Issued = z.object({ couponId: z.string(), sequenceNo: z.coerce.number().int() });

/** Valid also by a clock that is wrong by a quarter of an hour. */
export function token(userId: string, role: 'CUSTOMER' | 'ADMIN' = 'CUSTOMER'): string {
  return tokens.sign({ sub: userId, role, ...validFor(1_800, Date.now() - 900_000) });
}

/** A rush of all users, each retrying until a final response from any node. */
export async function rush(system: System, { users, coupons, clients, fault }: RushOptions): Promise<Rush> {
  const agent = new Agent({
    connections: clients,
    headersTimeout: REQUEST_TIMEOUT_MS,
    bodyTimeout: REQUEST_TIMEOUT_MS,
    connectTimeout: 1_000,
  });
  const policyId = await createPolicy(system, coupons);
  const data = new Map<string, Data>();
  const again = new Map<string, number>();
  const wrong: string[] = [];
  const serverOf = (turn: number): string => system.urls()[turn % system.urls().length] ?? '';
  let acknowledged = 0;
  let next = 1;
  const begin = Promise.withResolvers<void>();
  const faulted = begin.promise.then(fault);
  faulted.catch(() => {}); // awaited below, when everybody has been answered

  function acknowledge(user: string, body: unknown): void {
    data.set(user, Issued.parse(body));
    acknowledged += 1;
    if (acknowledged === Math.ceil(coupons / 4)) begin.resolve();
  }

  /** Sends one request. Returns whether the response was final. */
  async function ask(user: string, url: string): Promise<boolean> {
    const count = (what: string) => {
      again.set(what, (again.get(what) ?? 0) + 1);
      return false;
    };
    try {
      const { statusCode, body } = await request(`${url}/api/v1/coupons/policies/${policyId}/issue`, {
        method: 'POST',
        dispatcher: agent,
        headers: { authorization: `Bearer ${token(user)}` },
      });
      const answer = (await body.json()) as { code?: string };
      if (statusCode === 201 || (statusCode === 409 && answer.code === 'COUPON_ALREADY_ISSUED')) {
        acknowledge(user, answer);
      } else if (statusCode === 410 && answer.code === 'COUPON_SOLD_OUT') {
        data.set(user, 'sold out');
      } else if (statusCode === 503 || statusCode === 429) {
        return count(String(statusCode));
      } else {
        wrong.push(`${user}: ${statusCode} ${JSON.stringify(answer)}`);
      }
      return true;
    } catch {
      return count('no response');
    }
  }

  async function client(index: number): Promise<void> {
    while (next <= users) {
      const user = String(next++);
      for (let attempt = 0; !(await ask(user, serverOf(index + attempt))); attempt++) {
        if (attempt === ATTEMPTS_MAX) {
          wrong.push(`${user}: no final answer`);
          break;
        }
        await sleep(100 + (attempt % 10) * 50);
      }
    }
  }

  const startedMs = performance.now();
  let seconds = 0;
  try {
    await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
    seconds = (performance.now() - startedMs) / 1_000;
    if (acknowledged < coupons / 4) throw new Error(`only ${acknowledged} coupons: the fault never began`);
    await faulted;
  } finally {
    await agent.destroy();
  }
  return { policyId, data, again, wrong, seconds };
}

/** Creates a first-come policy with so many coupons. Returns its id. */
export async function createPolicy(system: System, coupons: number): Promise<string> {
  const { statusCode, body } = await request(`${system.urls()[0]}/api/v1/coupon-policies`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token('1', 'ADMIN')}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'Rush',
      discountType: 'FIXED_AMOUNT',
      discountValue: 1_000,
      distributionType: 'FIRST_COME',
      maxIssueCount: coupons,
      validDays: 7,
      validFrom: new Date(Date.now() - HOUR_MS).toISOString(),
      validUntil: new Date(Date.now() + MONTH_MS).toISOString(),
    }),
  });
  const text = await body.text();
  if (statusCode !== 201) throw new Error(`no policy: ${statusCode} ${text}`);
  return z.object({ couponPolicyId: z.string() }).parse(JSON.parse(text)).couponPolicyId;
}
