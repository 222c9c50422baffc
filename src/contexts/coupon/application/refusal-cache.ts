import {
  closedFor,
  type Holding,
  type IssuablePolicy,
  type IssueOutcome,
  type IssueWay,
  limitReached,
  wrongWay,
} from '../domain/issue.ts';

/** A fact is trusted for this long after PostgreSQL said so. Stock that was added shows within it. */
export const TRUST_MS = 1_000;
/** A fact that is asked for and older than this is read again, by one request that goes on. */
export const READ_AGAIN_MS = 500;
/**
 * While that request is on its way, the fact is trusted for this long: on a machine that takes more than a second for a batch,
 * every refusal would otherwise join the queue, and make the batches slower still.
 */
export const WAIT_MS = 10_000;
export const POLICIES_MAX = 20_000;
/** Holders remembered over all policies: about 150 bytes each. */
export const HOLDERS_MAX = 200_000;

type First = Pick<Holding, 'couponId' | 'sequenceNo'>;

interface Known {
  policy: IssuablePolicy;
  /** When a statement that read the policy was sent. */
  readAtMs: number;
  /** When a request was last sent on to read it again. */
  askedAtMs: number;
  holders: Map<bigint, First>;
  /** Does `holders` have everybody? Only then may somebody unknown be told that the policy is closed. */
  complete: boolean;
}

/**
 * What this node knows to be committed, so that a refusal need not ask PostgreSQL: at an opening nine of ten requests lose.
 * It only ever refuses. Each policy's facts carry the refusal epoch they were read at; a new epoch forgets them.
 */
export interface RefusalCache {
  /**
   * For a request that arrives now. Undefined: nothing refuses it. 'read again': it has to reach PostgreSQL, whatever memory
   * says, because the others are refused from memory until it has.
   */
  check(policyId: bigint, userId: bigint, via: IssueWay, nowMs: number): IssueOutcome | 'read again' | undefined;
  /**
   * The request that got 'read again' at `askedAtMs` is over. When it read nothing, because it failed, was refused admission or
   * timed out, its facts are trusted no longer than any others.
   */
  readEnded(policyId: bigint, askedAtMs: number): void;
  /** For one that arrived at `arrivedAtMs` and was queued: what was read after its arrival holds for it, however long ago. */
  recheck(
    policyId: bigint,
    userId: bigint,
    via: IssueWay,
    nowMs: number,
    arrivedAtMs?: number,
  ): IssueOutcome | undefined;
  /** Is somebody without a coupon certainly refused from memory? Then a request costs no more than a 503. */
  isClosed(policyId: bigint, nowMs: number): boolean;
  /** Does this user hold a coupon of the policy, as far as this node remembers? */
  isHolder(policyId: bigint, userId: bigint): boolean;
  /** May anything but a holder's repeat be refused from memory? */
  knowsAllHolders(policyId: bigint): boolean;
  /** A policy as a batch read it under its lock, at the latest `readAtMs`. */
  sawPolicy(policy: IssuablePolicy, readAtMs: number): void;
  /** `epoch`: of the policy as it was when the coupon was seen to count. */
  sawHolder(policyId: bigint, userId: bigint, first: First, epoch: number): void;
  sawAllHolders(policy: IssuablePolicy, first: ReadonlyMap<bigint, First>, readAtMs: number): void;
  /** Is the policy closed, and are its holders not all known yet? */
  wantsHolders(policyId: bigint, nowMs: number): boolean;
  forget(policyId: bigint): void;
}

export function refusalCache(): RefusalCache {
  const known = new Map<bigint, Known>();
  let holdersTotal = 0;

  function drop(policyId: bigint, entry: Known): void {
    holdersTotal -= entry.holders.size;
    known.delete(policyId);
  }

  /** Keeps the bounds by forgetting whole policies, the ones remembered longest ago first. */
  function makeRoom(keep: bigint): void {
    for (const [policyId, entry] of known) {
      if (known.size <= POLICIES_MAX && holdersTotal <= HOLDERS_MAX) return;
      if (policyId !== keep) drop(policyId, entry);
    }
    const entry = known.get(keep);
    if (!entry || holdersTotal <= HOLDERS_MAX) return;
    holdersTotal -= entry.holders.size;
    entry.holders = new Map();
    entry.complete = false;
  }

  function sawPolicy(policy: IssuablePolicy, readAtMs: number): void {
    const entry = known.get(policy.id);
    if (!entry) {
      const complete = policy.lastSequenceNo === 0;
      known.set(policy.id, { policy, readAtMs, askedAtMs: 0, holders: new Map(), complete });
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
    check(policyId, userId, via, nowMs) {
      const entry = known.get(policyId);
      if (!entry) return undefined;
      const ageMs = nowMs - entry.readAtMs;
      if (ageMs < READ_AGAIN_MS) return fresh(entry, nowMs, nowMs) ? refusalOf(entry, userId, via, nowMs) : undefined;
      const asked = isReadAgain(entry, nowMs);
      if (ageMs < TRUST_MS && !asked) {
        // This request reads the facts again, whatever they say about it.
        entry.askedAtMs = nowMs;
        return 'read again';
      }
      // Asked in time: the facts were never older than what the request on its way will see by the time it takes.
      return ageMs < (asked ? WAIT_MS : TRUST_MS) ? refusalOf(entry, userId, via, nowMs) : undefined;
    },
    readEnded(policyId, askedAtMs) {
      const entry = known.get(policyId);
      if (entry?.askedAtMs === askedAtMs && entry.readAtMs < askedAtMs) entry.askedAtMs = 0;
    },
    recheck(policyId, userId, via, nowMs, arrivedAtMs = nowMs) {
      const entry = known.get(policyId);
      return entry && fresh(entry, nowMs, arrivedAtMs) ? refusalOf(entry, userId, via, nowMs) : undefined;
    },
    isClosed(policyId, nowMs) {
      const entry = known.get(policyId);
      if (!entry?.complete || nowMs < entry.readAtMs) return false;
      const trustMs = isReadAgain(entry, nowMs) ? WAIT_MS : TRUST_MS;
      return nowMs - entry.readAtMs < trustMs && closedFor(entry.policy, nowMs) !== undefined;
    },
    isHolder: (policyId, userId) => known.get(policyId)?.holders.has(userId) === true,
    knowsAllHolders: (policyId) => known.get(policyId)?.complete === true,
    sawPolicy,
    sawHolder(policyId, userId, first, epoch) {
      const entry = known.get(policyId);
      if (entry?.policy.maxIssuePerUser !== 1 || entry.policy.refusalEpoch !== epoch) return;
      const before = entry.holders.size;
      // A copy: callers hand over whole coupons, and 200,000 of them are kept.
      entry.holders.set(userId, { couponId: first.couponId, sequenceNo: first.sequenceNo });
      holdersTotal += entry.holders.size - before;
      if (holdersTotal > HOLDERS_MAX) makeRoom(policyId);
    },
    sawAllHolders(policy, first, readAtMs) {
      sawPolicy(policy, readAtMs);
      const entry = known.get(policy.id);
      if (!entry || entry.policy.refusalEpoch !== policy.refusalEpoch) return;
      if (entry.policy.lastSequenceNo !== policy.lastSequenceNo) return;
      holdersTotal += first.size - entry.holders.size;
      entry.holders = new Map(first);
      entry.complete = true;
      makeRoom(policy.id);
    },
    wantsHolders(policyId, nowMs) {
      const entry = known.get(policyId);
      if (!entry || entry.complete || entry.policy.maxIssuePerUser !== 1) return false;
      return entry.policy.issuedCount <= HOLDERS_MAX / 2 && closedFor(entry.policy, nowMs) !== undefined;
    },
    forget(policyId) {
      const entry = known.get(policyId);
      if (entry) drop(policyId, entry);
    },
  };
}

/** Not from the future either: a clock that was set back would have old facts trusted until it catches up. */
function fresh(entry: Known, nowMs: number, arrivedAtMs: number): boolean {
  if (nowMs < entry.readAtMs) return false;
  return nowMs - entry.readAtMs < TRUST_MS || entry.readAtMs > arrivedAtMs;
}

/** Is a request on its way that reads the facts again? */
const isReadAgain = ({ askedAtMs, readAtMs }: Known, nowMs: number): boolean =>
  askedAtMs > readAtMs && askedAtMs <= nowMs;

function refusalOf(entry: Known, userId: bigint, via: IssueWay, nowMs: number): IssueOutcome | undefined {
  const way = wrongWay(entry.policy, via);
  if (way) return way;
  const first = entry.holders.get(userId);
  if (first) return limitReached(entry.policy, first);
  return entry.complete ? closedFor(entry.policy, nowMs) : undefined;
}
