import { type Principal, principalKey } from '../auth/principal.ts';
import { networkOf, type Origin } from './client-address.ts';
import type { LimitCounters } from './limit-counters.ts';
import type { CodeLimitSettings } from './limit-settings.ts';
import { type Limiter, storeLimiter } from './store-limiter.ts';
import { refuseWhen, secondsUntil, take } from './take.ts';

/** A limit against guessing codes: one bucket for all code routes of a caller. Counters are stored in PostgreSQL. */
export interface CodeLimits {
  /** Counts one try, before the code is looked at. Refuses with RATE_LIMITED, blocked or just too often. */
  admit(key: string): Promise<void>;
  /** The code of an admitted try was wrong; a good one is not counted again. */
  wrong(key: string): Promise<void>;
}

export const noCodeLimits: CodeLimits = { admit: async () => {}, wrong: async () => {} };

/** A limit against guessing redemption codes. Only wrong ones count: a till uses many good ones in a minute. */
export interface RedemptionLimits {
  /** Refuses with RATE_LIMITED while the caller is blocked, on every node. */
  requireUnblocked(key: string): Promise<void>;
  wrong(key: string): Promise<void>;
}

export const noRedemptionLimits: RedemptionLimits = { requireUnblocked: async () => {}, wrong: async () => {} };

const MINUTE = 60;
const HOUR = 3600;

export function postgresCodeLimits(counters: LimitCounters, settings: CodeLimitSettings): CodeLimits {
  const hour = storeLimiter(counters, 'codeHour', settings.anHour, HOUR);
  const minute = storeLimiter(counters, 'codeMinute', settings.aMinute, MINUTE);
  const wrong = storeLimiter(counters, 'codeWrong', settings.wrongAnHour, HOUR);
  return {
    async admit(key) {
      const { consumed, left, resetSeconds } = await take(hour, key);
      refuseWhen(left < 0, resetSeconds);
      // One try in an hour costs one write: when a shared code opens, that is the usual case.
      if (consumed > 1) await admitInMinute(minute, key, settings.aMinute, HOUR - resetSeconds);
    },
    async wrong(key) {
      const { consumed } = await take(wrong, key);
      if (consumed >= settings.wrongAnHour) await hour.block(key, settings.blockSeconds);
    },
  };
}

export function postgresRedemptionLimits(
  counters: LimitCounters,
  { wrongAnHour, blockSeconds }: CodeLimitSettings,
): RedemptionLimits {
  const limiter = storeLimiter(counters, 'redemptionWrong', wrongAnHour, HOUR);
  return {
    async requireUnblocked(key) {
      const known = await limiter.get(key);
      refuseWhen(known !== null && known.consumedPoints > wrongAnHour, secondsUntil(known));
    },
    async wrong(key) {
      const { consumed } = await take(limiter, key);
      if (consumed >= wrongAnHour) await limiter.block(key, blockSeconds);
    },
  };
}

/** The first try of an hour is not among those of the minute: for a minute from it there is room for one less. */
async function admitInMinute(minute: Limiter, key: string, limit: number, secondsSinceFirst: number): Promise<void> {
  const { consumed, left, resetSeconds } = await take(minute, key);
  refuseWhen(left < 0 || consumed > (secondsSinceFirst < MINUTE ? limit - 1 : limit), resetSeconds);
}

/**
 * Returns the keys of the limit: the principal, and the user that a machine acts for. Without a token the address. Undefined: a machine
 * that checks codes for no user; the general limit applies to it.
 */
export function codeKey(principal: Principal | undefined, origin: Origin): string | undefined {
  if (principal === undefined) return `a${networkOf(origin.ip)}`;
  if (principal.role !== 'SERVICE') return principalKey(principal);
  return principal.userId > 0n ? `u${principal.userId}` : undefined;
}

/** The key of a caller who may name the user it acts for: a machine's is that user. */
export const codeKeyFor = (principal: Principal, userId: bigint, origin: Origin): string | undefined =>
  codeKey(principal.role === 'SERVICE' ? { ...principal, userId } : principal, origin);
