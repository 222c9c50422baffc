import type { Clock } from '../../platform/kernel/clock.ts';
import { MINUTE_MS } from '../../platform/kernel/durations.ts';
import type { Principal } from '../auth/principal.ts';
import type { Origin } from './client-address.ts';
import type { Limits } from './limits.ts';

/** With more users than this within a minute the oldest are forgotten. */
const USERS_MAX = 500_000;

/** A request to issue a coupon, which the general limit does not count. */
export interface OpeningRequest {
  readonly principal: Principal;
  readonly userId: bigint;
  readonly policyId: bigint;
  /** The Idempotency-Key. */
  readonly key: string | undefined;
  readonly origin: Origin;
}

/** Rejects with RATE_LIMITED. Undefined: the request is exempt. */
export type OpeningRetries = (request: OpeningRequest) => Promise<void> | undefined;

/**
 * At an opening a user asks for one policy, and repeats with the same key or with none. That is exempt from the general limit: a counter for
 * each user would cost more than the issue. A request of the same minute for another policy, or with a new key, counts: each costs a look-up, also where
 * memory refuses it. Each node remembers by itself, in two generations, so that no timer runs.
 */
export function openingRetries(clock: Clock, general: Limits['general']): OpeningRetries {
  let current = new Map<bigint, string | bigint>();
  let previous = new Map<bigint, string | bigint>();
  let rotatedAtMs = 0;

  function rotate(nowMs: number): void {
    const isRecent = nowMs >= rotatedAtMs && nowMs - rotatedAtMs < MINUTE_MS;
    if (isRecent && current.size < USERS_MAX) return;
    previous = isRecent || nowMs - rotatedAtMs < 2 * MINUTE_MS ? current : new Map();
    current = new Map();
    rotatedAtMs = nowMs;
  }

  return ({ principal, userId, policyId, key, origin }) => {
    rotate(clock());
    const asked = key === undefined ? policyId : `${policyId} ${key}`;
    const before = current.get(userId) ?? previous.get(userId);
    if (before === asked) return undefined;
    current.set(userId, asked);
    return before === undefined ? undefined : general(principal, origin, () => {});
  };
}
