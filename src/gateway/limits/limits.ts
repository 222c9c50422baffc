import { createHash } from 'node:crypto';
import { RateLimiterRes } from 'rate-limiter-flexible';
import { type Principal, principalKey } from '../auth/principal.ts';
import { ProblemError } from '../problems/problem.ts';
import type { LimitCounters } from './limit-counters.ts';
import { type Limiter, storeLimiter } from './store-limiter.ts';

/** Requests a minute. */
export interface LimitSettings {
  /** For each principal, or for each IP address without a credential. */
  readonly general: number;
  /** Per account and address together. */
  readonly login: number;
  /** Per account from everywhere: many addresses guess one password. Wider, so that a stuffer rarely locks the owner out. */
  readonly loginAccount: number;
  /** Per address for any account: one address tries many. */
  readonly loginAddress: number;
}
export const DEFAULT_LIMITS: LimitSettings = { general: 100, login: 5, loginAccount: 30, loginAddress: 60 };

const WINDOW_SECONDS = 60;
/** A slow store must not delay requests: after this long the node counts by itself. */
export const STORE_TIMEOUT_MS = 300;

export type SetHeader = (name: string, value: string) => unknown;

/** Refuses with RATE_LIMITED and Retry-After. Counters are stored in PostgreSQL, so a limit holds across nodes. */
export interface Limits {
  /** Counts one request. `setHeader` takes the RateLimit headers. */
  general(principal: Principal | undefined, address: string, setHeader: SetHeader): Promise<void>;
  /** Counts one attempt to log in, before the password is looked at. */
  login(email: string, address: string): Promise<void>;
}

export const noLimits: Limits = { general: async () => {}, login: async () => {} };

export function postgresLimits(counters: LimitCounters, settings: LimitSettings = DEFAULT_LIMITS): Limits {
  const limiter = (name: keyof LimitSettings): Limiter => storeLimiter(counters, name, settings[name], WINDOW_SECONDS);
  const general = limiter('general');
  const [login, loginAccount, loginAddress] = [limiter('login'), limiter('loginAccount'), limiter('loginAddress')];
  const policy = `"default";q=${settings.general};w=${WINDOW_SECONDS}`;
  return {
    async general(principal, address, setHeader) {
      setHeader('ratelimit-policy', policy);
      const key = principal === undefined ? `a${address}` : principalKey(principal);
      const { left, resetSeconds } = await take(general, key);
      setHeader('ratelimit', `"default";r=${Math.max(left, 0)};t=${resetSeconds}`);
      refuseWhen(left < 0, resetSeconds);
    },
    async login(email, address) {
      const account = createHash('sha256').update(email.trim().toLowerCase()).digest('base64url');
      const takes = [take(login, `${account}|${address}`), take(loginAccount, account), take(loginAddress, address)];
      for (const { left, resetSeconds } of await Promise.all(takes)) refuseWhen(left < 0, resetSeconds);
    },
  };
}

/** Throws RATE_LIMITED. */
export function refuseWhen(isOver: boolean, retryAfterSeconds: number): void {
  if (isOver) throw new ProblemError('RATE_LIMITED', { retryAfterSeconds });
}

interface Taken {
  /** In this window, with this one. */
  readonly consumed: number;
  /** Below 0: over the limit. */
  readonly left: number;
  readonly resetSeconds: number;
}

export async function take(limiter: Limiter, key: string): Promise<Taken> {
  try {
    const taken = await limiter.consume(key);
    return { consumed: taken.consumedPoints, left: taken.remainingPoints, resetSeconds: seconds(taken) };
  } catch (thrown) {
    if (thrown instanceof RateLimiterRes) {
      return { consumed: thrown.consumedPoints, left: -1, resetSeconds: seconds(thrown) };
    }
    throw thrown;
  }
}

const seconds = (result: RateLimiterRes): number => Math.max(1, Math.ceil(result.msBeforeNext / 1000));
