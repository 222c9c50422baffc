import { closedFor, type Holding, type IssuablePolicy, type IssueOutcome, limitReached } from '../domain/issue.ts';

/** A fact is trusted for this long after PostgreSQL said so; then one group asks again. Stock that was added shows within it. */
export const TRUST_MS = 1_000;
export const POLICIES_MAX = 20_000;
/** Holders remembered over all policies: about 150 bytes each. */
export const HOLDERS_MAX = 200_000;

type First = Pick<Holding, 'couponId' | 'sequenceNo'>;

interface Known {
  policy: IssuablePolicy;
  /** When a statement that read the policy was sent. */
  readAtMs: number;
  holders: Map<bigint, First>;
  /** Does `holders` have everybody? Only then may somebody unknown be told that the policy is closed. */
  complete: boolean;
}

/**
 * What this node knows to be committed, so that a refusal need not ask PostgreSQL: at an opening nine of ten requests lose.
 * It only ever refuses. Each policy's facts carry the refusal epoch they were read at; a new epoch forgets them.
 */
export interface KnownRefusals {
  recall(policyId: bigint, userId: bigint, nowMs: number): IssueOutcome | undefined;
  /** A policy as a group read it under its lock, at the latest `readAtMs`. */
  sawPolicy(policy: IssuablePolicy, readAtMs: number): void;
  /** `epoch`: of the policy as it was when the coupon was seen to count. */
  sawHolder(policyId: bigint, userId: bigint, first: First, epoch: number): void;
  sawAllHolders(policy: IssuablePolicy, first: ReadonlyMap<bigint, First>, readAtMs: number): void;
  /** Is the policy closed, and are its holders not all known yet? */
  wantsHolders(policyId: bigint, nowMs: number): boolean;
  forget(policyId: bigint): void;
}

export function knownRefusals(): KnownRefusals {
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
      known.set(policy.id, { policy, readAtMs, holders: new Map(), complete: policy.lastSequenceNo === 0 });
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
    recall(policyId, userId, nowMs) {
      const entry = known.get(policyId);
      // Not from the future either: a clock that was set back would have old facts trusted until it catches up.
      if (!entry || nowMs < entry.readAtMs || nowMs - entry.readAtMs >= TRUST_MS) return undefined;
      const first = entry.holders.get(userId);
      if (first) return limitReached(entry.policy, { ...first, slot: 0 });
      return entry.complete ? closedFor(entry.policy, nowMs) : undefined;
    },
    sawPolicy,
    sawHolder(policyId, userId, first, epoch) {
      const entry = known.get(policyId);
      if (entry?.policy.maxIssuePerUser !== 1 || entry.policy.refusalEpoch !== epoch) return;
      if (entry.holders.has(userId)) return;
      entry.holders.set(userId, first);
      holdersTotal += 1;
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
