import {
  type CachedFact,
  endRefresh,
  isFresh,
  isTrusted,
  NEVER_MS,
  startsRefresh,
} from '../../../../platform/kernel/cached-fact.ts';
import type { Moment } from '../../../../platform/kernel/moment.ts';
import {
  closedRefusal,
  type IssuablePolicy,
  type IssueMethod,
  type IssueOutcome,
  limitReached,
  methodMismatch,
  type NamedCoupon,
} from '../../domain/issue/issue.ts';
import { factCache } from './fact-cache.ts';
import type { PolicyState } from './ports.ts';

export const POLICIES_MAX = 20_000;
/** Holders cached over all policies: about 150 bytes each. */
export const HOLDERS_MAX = 200_000;

interface CacheEntry extends CachedFact {
  policy: IssuablePolicy;
  readAtMs: number;
  holders: Map<bigint, NamedCoupon>;
  /**
   * True when `holders` has every holder. Only then may a user who is not in it be refused because the policy is
   * closed.
   */
  complete: boolean;
}

/**
 * Facts that PostgreSQL committed, by which a node refuses requests without a query: at an opening nine of ten requests
 * are refused. The cache only refuses, it never grants. Each policy's facts carry the refusal epoch at which they were
 * read; a new epoch invalidates them. Times named `…AtMs` and `steadyMs` are of the process's monotonic clock.
 */
export interface RefusalCache {
  /**
   * For a request that arrives now. Undefined: no cached fact refuses it. 'refresh': the request has to reach
   * PostgreSQL, whatever the cache says, because others are refused by cached facts until it has.
   */
  check(policyId: bigint, userId: bigint, issueMethod: IssueMethod, now: Moment): IssueOutcome | 'refresh' | undefined;
  /** The request that got 'refresh' at `refreshStartedAtMs` has ended, whatever its outcome. */
  refreshEnded(policyId: bigint, refreshStartedAtMs: number): void;
  /**
   * For a request that arrived at `arrivedAtMs` and was queued: facts read after its arrival apply to it at any age.
   */
  recheck(
    policyId: bigint,
    userId: bigint,
    issueMethod: IssueMethod,
    now: Moment,
    arrivedAtMs?: number,
  ): IssueOutcome | undefined;
  /**
   * Returns true when a user without a coupon is certainly refused from the cache. Such a request costs no more than a
   * 503.
   */
  isClosed(policyId: bigint, now: Moment): boolean;
  /** Returns true when the policy was read within the last second. */
  hasFresh(policyId: bigint, steadyMs: number): boolean;
  /** Returns all holders of a policy with one coupon per user, when they are cached as of this state. */
  holdersAt(policyId: bigint, state: PolicyState): ReadonlyMap<bigint, NamedCoupon> | undefined;
  /** Returns true when the user is a cached holder of the policy. */
  isHolder(policyId: bigint, userId: bigint): boolean;
  /** Returns true when all holders are cached, so that users without a coupon can be refused too. */
  hasAllHolders(policyId: bigint): boolean;
  /** Caches a policy as a batch read it under its lock, not before `readAtMs`. */
  recordPolicy(policy: IssuablePolicy, readAtMs: number): void;
  /** `epoch`: the policy's refusal epoch when the coupon counted. */
  recordHolder(policyId: bigint, userId: bigint, first: NamedCoupon, epoch: number): void;
  recordAllHolders(policy: IssuablePolicy, first: ReadonlyMap<bigint, NamedCoupon>, readAtMs: number): void;
  /** Returns true when the policy is closed and its holders are not all cached. `nowMs`: the estimate of the database's clock. */
  needsHolders(policyId: bigint, nowMs: number): boolean;
  invalidate(policyId: bigint): void;
}

export function createRefusalCache(): RefusalCache {
  const entries = factCache<bigint, CacheEntry>({
    factsMax: POLICIES_MAX,
    membersMax: HOLDERS_MAX,
    membersOf: ({ holders }) => holders.size,
  });

  function setHolders(entry: CacheEntry, holders: Map<bigint, NamedCoupon>, complete: boolean): void {
    entries.countMembers(holders.size - entry.holders.size);
    entry.holders = holders;
    entry.complete = complete;
  }

  /** Evicts other policies first. A policy with too many holders for the cache has none of them cached. */
  function makeRoom(policyId: bigint, entry: CacheEntry): void {
    entries.makeRoom(policyId);
    if (entries.isCrowded()) setHolders(entry, new Map(), false);
  }

  function recordPolicy(policy: IssuablePolicy, readAtMs: number): void {
    const entry = entries.get(policy.id);
    if (!entry) {
      const complete = policy.lastSequenceNo === 0;
      entries.set(policy.id, { policy, readAtMs, refreshStartedAtMs: NEVER_MS, holders: new Map(), complete });
      entries.makeRoom(policy.id);
      return;
    }
    if (policy.refusalEpoch < entry.policy.refusalEpoch) return;
    if (policy.refusalEpoch > entry.policy.refusalEpoch) {
      setHolders(entry, new Map(), policy.lastSequenceNo === 0);
    } else if (policy.lastSequenceNo > entry.policy.lastSequenceNo) {
      // A coupon was issued, perhaps by another node.
      entry.complete = false;
    }
    if (policy.lastSequenceNo >= entry.policy.lastSequenceNo) entry.policy = policy;
    if (readAtMs > entry.readAtMs) entry.readAtMs = readAtMs;
  }

  return {
    check(policyId, userId, issueMethod, { atMs, steadyMs }) {
      const entry = entries.get(policyId);
      if (!entry) return undefined;
      if (startsRefresh(entry, steadyMs)) return 'refresh';
      return isTrusted(entry, steadyMs) ? refusalOf(entry, userId, issueMethod, atMs) : undefined;
    },
    refreshEnded(policyId, refreshStartedAtMs) {
      const entry = entries.get(policyId);
      if (entry) endRefresh(entry, refreshStartedAtMs);
    },
    recheck(policyId, userId, issueMethod, { atMs, steadyMs }, arrivedAtMs = steadyMs) {
      const entry = entries.get(policyId);
      return entry && isTrustedSince(entry, steadyMs, arrivedAtMs)
        ? refusalOf(entry, userId, issueMethod, atMs)
        : undefined;
    },
    isClosed(policyId, { atMs, steadyMs }) {
      const entry = entries.get(policyId);
      return entry?.complete === true && isTrusted(entry, steadyMs) && closedRefusal(entry.policy, atMs) !== undefined;
    },
    hasFresh(policyId, steadyMs) {
      const entry = entries.get(policyId);
      return entry !== undefined && isFresh(entry, steadyMs);
    },
    holdersAt(policyId, { refusalEpoch, lastSequenceNo }) {
      const entry = entries.get(policyId);
      if (!entry?.complete || entry.policy.maxIssuePerUser !== 1) return undefined;
      const isSame = entry.policy.refusalEpoch === refusalEpoch && entry.policy.lastSequenceNo === lastSequenceNo;
      return isSame ? entry.holders : undefined;
    },
    isHolder: (policyId, userId) => entries.get(policyId)?.holders.has(userId) === true,
    hasAllHolders: (policyId) => entries.get(policyId)?.complete === true,
    recordPolicy,
    recordHolder(policyId, userId, first, epoch) {
      const entry = entries.get(policyId);
      if (entry?.policy.maxIssuePerUser !== 1 || entry.policy.refusalEpoch !== epoch) return;
      const before = entry.holders.size;
      // A copy: callers pass whole coupons, and up to 200,000 entries are kept.
      entry.holders.set(userId, { couponId: first.couponId, sequenceNo: first.sequenceNo });
      entries.countMembers(entry.holders.size - before);
      if (entries.isCrowded()) makeRoom(policyId, entry);
    },
    recordAllHolders(policy, first, readAtMs) {
      recordPolicy(policy, readAtMs);
      const entry = entries.get(policy.id);
      if (!entry || entry.policy.refusalEpoch !== policy.refusalEpoch) return;
      if (entry.policy.lastSequenceNo !== policy.lastSequenceNo) return;
      setHolders(entry, new Map(first), true);
      makeRoom(policy.id, entry);
    },
    needsHolders(policyId, nowMs) {
      const entry = entries.get(policyId);
      if (!entry || entry.complete || entry.policy.maxIssuePerUser !== 1) return false;
      return entry.policy.issuedCount <= HOLDERS_MAX / 2 && closedRefusal(entry.policy, nowMs) !== undefined;
    },
    invalidate: (policyId) => entries.delete(policyId),
  };
}

/** For a request that arrived at `arrivedAtMs`: facts that were read after its arrival apply to it at any age. */
const isTrustedSince = (entry: CacheEntry, steadyMs: number, arrivedAtMs: number): boolean =>
  isFresh(entry, steadyMs) || (steadyMs >= entry.readAtMs && entry.readAtMs > arrivedAtMs);

function refusalOf(
  entry: CacheEntry,
  userId: bigint,
  issueMethod: IssueMethod,
  nowMs: number,
): IssueOutcome | undefined {
  const mismatch = methodMismatch(entry.policy, issueMethod);
  if (mismatch) return mismatch;
  const first = entry.holders.get(userId);
  if (first) return limitReached(entry.policy, first);
  return entry.complete ? closedRefusal(entry.policy, nowMs) : undefined;
}
