import { LRUCache } from 'lru-cache';
import type { CodeCaller } from './code-caller.ts';
import type { LimitCounters } from './limit-counters.ts';
import type { CodeLimitSettings } from './limit-settings.ts';
import { type Limiter, storeLimiter } from './store-limiter.ts';
import { refuseWhen, secondsUntil, take } from './take.ts';

/**
 * A limit against guessing codes: one bucket for all code routes of a caller. Wrong codes count for the address, too: new accounts cost a guesser nothing.
 * Counters are stored in PostgreSQL.
 */
export interface CodeLimits {
  /** Counts one try, before the code is looked at. Refuses with RATE_LIMITED, blocked or just too often. */
  admit(caller: CodeCaller): Promise<void>;
  /** The code of an admitted try was wrong; a good one is not counted again, and never for the address. */
  wrong(caller: CodeCaller): Promise<void>;
}

export const noCodeLimits: CodeLimits = { admit: async () => {}, wrong: async () => {} };

/** A limit against guessing redemption codes. Only wrong ones count: a till uses many good ones in a minute. */
export interface RedemptionLimits {
  /** Refuses with RATE_LIMITED while the caller is blocked, on every node. */
  requireUnblocked(caller: CodeCaller): Promise<void>;
  wrong(caller: CodeCaller): Promise<void>;
}

export const noRedemptionLimits: RedemptionLimits = { requireUnblocked: async () => {}, wrong: async () => {} };

const MINUTE = 60;
const HOUR = 3600;

/** Blocked addresses that a node remembers. */
const ADDRESSES_MAX = 10_000;

/** Wrong codes of an address, of all kinds and accounts. */
export interface WrongCodesOfAddresses {
  /** Throws RATE_LIMITED when the address has had its wrong codes of this hour, as far as this node knows. */
  requireBelow(network: string | undefined): void;
  count(network: string | undefined): Promise<void>;
}

/**
 * Counts over all nodes, and refuses from memory: a right code, which most are when a shared one opens, costs nothing here. A node learns of the
 * others' counts with the next wrong code that it counts, so that each node admits at most one wrong code above the limit, and those that are under way.
 */
export function wrongCodesOfAddresses(
  counters: LimitCounters,
  { wrongOfAddress }: CodeLimitSettings,
): WrongCodesOfAddresses {
  const limiter = storeLimiter(counters, 'codeWrongAddress', wrongOfAddress, HOUR);
  const blocked = new LRUCache<string, number>({ max: ADDRESSES_MAX });
  return {
    requireBelow(network) {
      const untilMs = network === undefined ? undefined : blocked.get(network);
      if (untilMs === undefined) return;
      const secondsLeft = Math.ceil((untilMs - Date.now()) / 1000);
      refuseWhen(secondsLeft > 0, secondsLeft);
    },
    async count(network) {
      if (network === undefined) return;
      const { consumed, resetSeconds } = await take(limiter, network);
      if (consumed >= wrongOfAddress) blocked.set(network, Date.now() + resetSeconds * 1000);
    },
  };
}

export function postgresCodeLimits(
  counters: LimitCounters,
  addresses: WrongCodesOfAddresses,
  settings: CodeLimitSettings,
): CodeLimits {
  const hour = storeLimiter(counters, 'codeHour', settings.anHour, HOUR);
  const minute = storeLimiter(counters, 'codeMinute', settings.aMinute, MINUTE);
  const wrong = storeLimiter(counters, 'codeWrong', settings.wrongAnHour, HOUR);
  return {
    async admit({ key, network }) {
      addresses.requireBelow(network);
      const { consumed, left, resetSeconds } = await take(hour, key);
      refuseWhen(left < 0, resetSeconds);
      // One try in an hour costs one write: when a shared code opens, that is the usual case.
      if (consumed > 1) await admitInMinute(minute, key, settings.aMinute, HOUR - resetSeconds);
    },
    async wrong({ key, network }) {
      const [{ consumed }] = await Promise.all([take(wrong, key), addresses.count(network)]);
      if (consumed >= settings.wrongAnHour) await hour.block(key, settings.blockSeconds);
    },
  };
}

export function postgresRedemptionLimits(
  counters: LimitCounters,
  addresses: WrongCodesOfAddresses,
  { wrongAnHour, blockSeconds }: CodeLimitSettings,
): RedemptionLimits {
  const limiter = storeLimiter(counters, 'redemptionWrong', wrongAnHour, HOUR);
  return {
    async requireUnblocked({ key, network }) {
      addresses.requireBelow(network);
      const known = await limiter.get(key);
      refuseWhen(known !== null && known.consumedPoints > wrongAnHour, secondsUntil(known));
    },
    async wrong({ key, network }) {
      const [{ consumed }] = await Promise.all([take(limiter, key), addresses.count(network)]);
      if (consumed >= wrongAnHour) await limiter.block(key, blockSeconds);
    },
  };
}

/** The first try of an hour is not among those of the minute: for a minute from it there is room for one less. */
async function admitInMinute(minute: Limiter, key: string, limit: number, secondsSinceFirst: number): Promise<void> {
  const { consumed, left, resetSeconds } = await take(minute, key);
  refuseWhen(left < 0 || consumed > (secondsSinceFirst < MINUTE ? limit - 1 : limit), resetSeconds);
}
