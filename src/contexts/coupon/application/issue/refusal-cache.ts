import {
  closedRefusal,
  type Holding,
  type IssuablePolicy,
  type IssueMethod,
  type IssueOutcome,
  limitReached,
  methodMismatch,
} from '../../domain/issue/issue.ts';

/** A fact is trusted for this long after PostgreSQL said so. Stock that was added shows within it. */
export const TRUST_MS = 1_000;
/** A fact that is asked for and older than this is read again, by one request that goes on. */
export const REFRESH_AFTER_MS = 500;
/**
 * While that request is on its way, the fact is trusted for this long: on a machine that takes more than a second for a batch,
 * every refusal would otherwise join the queue, and make the batches slower still.
 */
export const REFRESH_WAIT_MS = 10_000;
export const POLICIES_MAX = 20_000;
/** Holders remembered over all policies: about 150 bytes each. */
export const HOLDERS_MAX = 200_000;

type FirstCoupon = Pick<Holding, 'couponId' | 'sequenceNo'>;

interface CacheEntry {
  policy: IssuablePolicy;
  /** When a statement that read the policy was sent. */
  readAtMs: number;
  /** When a request was last sent on to read it again. */
  refreshStartedAtMs: number;
  holders: Map<bigint, FirstCoupon>;
  /** Does `holders` have everybody? Only then may somebody unknown be told that the policy is closed. */
  complete: boolean;
}

/**
 * What this node knows to be committed, so that a refusal need not ask PostgreSQL: at an opening nine of ten requests lose.
 * It only ever refuses. Each policy's facts carry the refusal epoch they were read at; a new epoch forgets them.
 */
export interface RefusalCache {
  /**
   * For a request that arrives now. Undefined: nothing refuses it. 'refresh': it has to reach PostgreSQL, whatever memory
   * says, because the others are refused from memory until it has.
   */
  check(
    policyId: bigint,
    userId: bigint,
    issueMethod: IssueMethod,
    nowMs: number,
  ): IssueOutcome | 'refresh' | undefined;
  /**
   * The request that got 'refresh' at `askedAtMs` is over. When it read nothing, because it failed, was refused admission or
   * timed out, its facts are trusted no longer than any others.
   */
  refreshEnded(policyId: bigint, refreshStartedAtMs: number): void;
  /** For one that arrived at `arrivedAtMs` and was queued: what was read after its arrival holds for it, however long ago. */
  recheck(
    policyId: bigint,
    userId: bigint,
    issueMethod: IssueMethod,
    nowMs: number,
    arrivedAtMs?: number,
  ): IssueOutcome | undefined;
  /** Is somebody without a coupon certainly refused from memory? Then a request costs no more than a 503. */
  isClosed(policyId: bigint, nowMs: number): boolean;
  /** Does this user hold a coupon of the policy, as far as this node remembers? */
  isHolder(policyId: bigint, userId: bigint): boolean;
  /** May anything but a holder's repeat be refused from memory? */
  hasAllHolders(policyId: bigint): boolean;
  /** A policy as a batch read it under its lock, at the latest `readAtMs`. */
  recordPolicy(policy: IssuablePolicy, readAtMs: number): void;
  /** `epoch`: of the policy as it was when the coupon was seen to count. */
  recordHolder(policyId: bigint, userId: bigint, first: FirstCoupon, epoch: number): void;
  recordAllHolders(policy: IssuablePolicy, first: ReadonlyMap<bigint, FirstCoupon>, readAtMs: number): void;
  /** Is the policy closed, and are its holders not all known yet? */
  needsHolders(policyId: bigint, nowMs: number): boolean;
  invalidate(policyId: bigint): void;
}

export function createRefusalCache(): RefusalCache {
  const entries = new Map<bigint, CacheEntry>();
  let holdersTotal = 0;

  function drop(policyId: bigint, entry: CacheEntry): void {
    holdersTotal -= entry.holders.size;
    entries.delete(policyId);
  }

  /** Keeps the bounds by forgetting whole policies, the ones remembered longest ago first. */
  function makeRoom(keep: bigint): void {
    for (const [policyId, entry] of entries) {
      if (entries.size <= POLICIES_MAX && holdersTotal <= HOLDERS_MAX) return;
      if (policyId !== keep) drop(policyId, entry);
    }
    const entry = entries.get(keep);
    if (!entry || holdersTotal <= HOLDERS_MAX) return;
    holdersTotal -= entry.holders.size;
    entry.holders = new Map();
    entry.complete = false;
  }

  function recordPolicy(policy: IssuablePolicy, readAtMs: number): void {
    const entry = entries.get(policy.id);
    if (!entry) {
      const complete = policy.lastSequenceNo === 0;
      entries.set(policy.id, { policy, readAtMs, refreshStartedAtMs: 0, holders: new Map(), complete });
      makeRoom(policy.id);
      return;
    }
    if (policy.refusalEpoch < entry.policy.refusalEpoch) return;
    if (policy.refusalEpoch > entry.policy.refusalEpoch) {
      holdersTotal -= entry.holders.size;
      entry.holders = new Map();
      entry.complete = policy.lastSequenceNo === 0;
    } else if (policy.lastSequenceNo > entry.policy.lastSequenceNo) {
      // Somebody got a coupon, perhaps on another node.
      entry.complete = false;
    }
    if (policy.lastSequenceNo >= entry.policy.lastSequenceNo) entry.policy = policy;
    if (readAtMs > entry.readAtMs) entry.readAtMs = readAtMs;
  }

  return {
    check(policyId, userId, issueMethod, nowMs) {
      const entry = entries.get(policyId);
      if (!entry) return undefined;
      const ageMs = nowMs - entry.readAtMs;
      if (ageMs < REFRESH_AFTER_MS)
        return isTrusted(entry, nowMs, nowMs) ? refusalOf(entry, userId, issueMethod, nowMs) : undefined;
      const refreshing = isRefreshing(entry, nowMs);
      if (ageMs < TRUST_MS && !refreshing) {
        // This request reads the facts again, whatever they say about it.
        entry.refreshStartedAtMs = nowMs;
        return 'refresh';
      }
      // Asked in time: the facts were never older than what the request on its way will see by the time it takes.
      return ageMs < (refreshing ? REFRESH_WAIT_MS : TRUST_MS)
        ? refusalOf(entry, userId, issueMethod, nowMs)
        : undefined;
    },
    refreshEnded(policyId, refreshStartedAtMs) {
      const entry = entries.get(policyId);
      if (entry?.refreshStartedAtMs === refreshStartedAtMs && entry.readAtMs < refreshStartedAtMs)
        entry.refreshStartedAtMs = 0;
    },
    recheck(policyId, userId, issueMethod, nowMs, arrivedAtMs = nowMs) {
      const entry = entries.get(policyId);
      return entry && isTrusted(entry, nowMs, arrivedAtMs) ? refusalOf(entry, userId, issueMethod, nowMs) : undefined;
    },
    isClosed(policyId, nowMs) {
      const entry = entries.get(policyId);
      if (!entry?.complete || nowMs < entry.readAtMs) return false;
      const trustMs = isRefreshing(entry, nowMs) ? REFRESH_WAIT_MS : TRUST_MS;
      return nowMs - entry.readAtMs < trustMs && closedRefusal(entry.policy, nowMs) !== undefined;
    },
    isHolder: (policyId, userId) => entries.get(policyId)?.holders.has(userId) === true,
    hasAllHolders: (policyId) => entries.get(policyId)?.complete === true,
    recordPolicy,
    recordHolder(policyId, userId, first, epoch) {
      const entry = entries.get(policyId);
      if (entry?.policy.maxIssuePerUser !== 1 || entry.policy.refusalEpoch !== epoch) return;
      const before = entry.holders.size;
      // A copy: callers hand over whole coupons, and 200,000 of them are kept.
      entry.holders.set(userId, { couponId: first.couponId, sequenceNo: first.sequenceNo });
      holdersTotal += entry.holders.size - before;
      if (holdersTotal > HOLDERS_MAX) makeRoom(policyId);
    },
    recordAllHolders(policy, first, readAtMs) {
      recordPolicy(policy, readAtMs);
      const entry = entries.get(policy.id);
      if (!entry || entry.policy.refusalEpoch !== policy.refusalEpoch) return;
      if (entry.policy.lastSequenceNo !== policy.lastSequenceNo) return;
      holdersTotal += first.size - entry.holders.size;
      entry.holders = new Map(first);
      entry.complete = true;
      makeRoom(policy.id);
    },
    needsHolders(policyId, nowMs) {
      const entry = entries.get(policyId);
      if (!entry || entry.complete || entry.policy.maxIssuePerUser !== 1) return false;
      return entry.policy.issuedCount <= HOLDERS_MAX / 2 && closedRefusal(entry.policy, nowMs) !== undefined;
    },
    invalidate(policyId) {
      const entry = entries.get(policyId);
      if (entry) drop(policyId, entry);
    },
  };
}

/** Not from the future either: a clock that was set back would have old facts trusted until it catches up. */
function isTrusted(entry: CacheEntry, nowMs: number, arrivedAtMs: number): boolean {
  if (nowMs < entry.readAtMs) return false;
  return nowMs - entry.readAtMs < TRUST_MS || entry.readAtMs > arrivedAtMs;
}

/** Is a request on its way that reads the facts again? */
const isRefreshing = ({ refreshStartedAtMs, readAtMs }: CacheEntry, nowMs: number): boolean =>
  refreshStartedAtMs > readAtMs && refreshStartedAtMs <= nowMs;

function refusalOf(
  entry: CacheEntry,
  userId: bigint,
  issueMethod: IssueMethod,
  nowMs: number,
): IssueOutcome | undefined {
  const way = methodMismatch(entry.policy, issueMethod);
  if (way) return way;
  const first = entry.holders.get(userId);
  if (first) return limitReached(entry.policy, first);
  return entry.complete ? closedRefusal(entry.policy, nowMs) : undefined;
}
