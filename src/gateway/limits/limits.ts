import { LRUCache } from 'lru-cache';
import { isMachine, type Principal, principalKey } from '../auth/principal.ts';
import { networkOf, type Origin } from './client-address.ts';
import type { LimitCounters } from './limit-counters.ts';
import type { LimitSettings } from './limit-settings.ts';
import { type Limiter, storeLimiter } from './store-limiter.ts';
import { refuseWhen, take } from './take.ts';

const WINDOW_SECONDS = 60;
/** Limiters for limits that API keys have of their own; a key whose limiter was dropped gets a new one. */
const KEY_LIMITERS_MAX = 1_000;
export type SetHeader = (name: string, value: string) => unknown;

/** Refuses with RATE_LIMITED and Retry-After. Counters are stored in Redis or PostgreSQL, so a limit holds across nodes. */
export interface Limits {
  /** Counts one request, by address without a principal. `setHeader` takes the RateLimit headers. */
  general(principal: Principal | undefined, origin: Origin, setHeader: SetHeader): Promise<void>;
}

export const noLimits: Limits = { general: async () => {} };

export function storedLimits(counters: LimitCounters, settings: LimitSettings): Limits {
  const limiter = (name: string, points: number): Limiter => storeLimiter(counters, name, points, WINDOW_SECONDS);
  const bucket = (points: number): Bucket => ({
    // One name for all: a key whose limit changes goes on with its counter.
    limiter: limiter('general', points),
    policy: `"default";q=${points};w=${WINDOW_SECONDS}`,
  });
  const principals = bucket(settings.principal);
  const addresses = bucket(settings.address);
  const machines = bucket(settings.apiKey);
  const byLimit = new LRUCache<number, Bucket>({ max: KEY_LIMITERS_MAX });
  const bucketOf = (principal: Principal): Bucket => {
    if (!isMachine(principal)) return principals;
    const { rateLimit } = principal.apiKey ?? {};
    if (rateLimit === undefined) return machines;
    const known = byLimit.get(rateLimit) ?? bucket(rateLimit);
    byLimit.set(rateLimit, known);
    return known;
  };
  return {
    async general(principal, origin, setHeader) {
      const { limiter, policy } = principal === undefined ? addresses : bucketOf(principal);
      setHeader('ratelimit-policy', policy);
      const key = principal === undefined ? `a${networkOf(origin.ip)}` : principalKey(principal);
      const { left, resetSeconds } = await take(limiter, key);
      setHeader('ratelimit', `"default";r=${Math.max(left, 0)};t=${resetSeconds}`);
      refuseWhen(left < 0, resetSeconds);
    },
  };
}

interface Bucket {
  readonly limiter: Limiter;
  /** The header RateLimit-Policy. */
  readonly policy: string;
}
