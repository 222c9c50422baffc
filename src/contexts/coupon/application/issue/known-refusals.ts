import { TRUST_MS } from '../../../../platform/kernel/cached-fact.ts';
import { endOfTurn } from '../../../../platform/kernel/end-of-turn.ts';
import { type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { CouponService, PolicyFact, WatchRequest, WatchResponse } from '../../api.ts';
import type { DistributionType } from '../../domain/enumerations.ts';
import { methodMismatch, type NamedCoupon, refusalOfLimit } from '../../domain/issue/issue.ts';
import { HOLDERS_MAX } from './refusal-cache.ts';

/** Policies named in one tick. */
const NAMED_MAX = 1_000;

/** A coupon that was issued through this gateway, until a fact that was read later confirms its epoch. */
interface Learned {
  readonly userId: bigint;
  readonly coupon: NamedCoupon;
  readonly epoch: number;
  readonly receivedAtMs: number;
}

interface Known {
  fact: PolicyFact;
  /** By the monotonic clock of this process, as all times here. */
  trustedUntilMs: number;
  closedUntilMs: number;
  /** That the context sent. */
  readonly holders: Map<bigint, NamedCoupon>;
  /** That this gateway learned and a fact confirmed. */
  readonly own: Map<bigint, NamedCoupon>;
  learned: Learned[];
}

/**
 * What a gateway knows of a coupon context in another process, to refuse issue requests without a call. A fact is trusted for a second from
 * when the tick was sent that it names, by this process's monotonic clock. No other clock counts. Nothing is granted.
 */
export interface KnownRefusals {
  /** Refuses what it knows, and passes on the rest. */
  guard(issueCoupon: CouponService['issueCoupon']): CouponService['issueCoupon'];
  /** Is a user without a coupon certainly refused? */
  isClosed(policyId: bigint): boolean;
  /** The next message to the context. Undefined: no coupon was requested since the last one. */
  tick(): WatchRequest | undefined;
  apply(response: WatchResponse): void;
  /** Forgets everything: a new stream begins without holders. */
  reset(): void;
}

/** `monotonic`: milliseconds that never go back, such as performance.now(). */
export function knownRefusals(monotonic: () => number): KnownRefusals {
  const known = new Map<bigint, Known>();
  const named = new Set<bigint>();
  /** When each tick of the last second was sent. */
  const sentAt = new Map<number, number>();
  let lastTick = 0;
  let learnedCount = 0;

  function refusalFor(policyId: bigint, userId: bigint): Refusal | undefined {
    const entry = known.get(policyId);
    const nowMs = monotonic();
    if (entry === undefined || nowMs >= entry.trustedUntilMs) return undefined;
    const { fact, holders, own } = entry;
    const mismatch = methodMismatch({ distributionType: fact.distributionType as DistributionType }, 'CUSTOMER');
    if (mismatch?.kind === 'refused') return mismatch.refusal;
    const first = holders.get(userId) ?? own.get(userId);
    if (first !== undefined) return refusalOfLimit(fact, first);
    return fact.hasAllHolders && nowMs < entry.closedUntilMs ? fact.closed : undefined;
  }

  function learn(policyId: bigint, learned: Learned): void {
    const entry = known.get(policyId);
    if (entry?.fact.maxIssuePerUser !== 1) return;
    learnedCount += 1;
    entry.learned.push(learned);
    for (const other of known.values()) {
      if (learnedCount <= HOLDERS_MAX) return;
      forgetLearned(other);
    }
  }

  function forgetLearned(entry: Known): void {
    learnedCount -= entry.own.size + entry.learned.length;
    entry.own.clear();
    entry.learned = [];
  }

  function applyFact(fact: PolicyFact, tickSentAtMs: number | undefined): void {
    const before = known.get(fact.policyId);
    const entry: Known = before ?? {
      fact,
      trustedUntilMs: Number.NEGATIVE_INFINITY,
      closedUntilMs: Number.NEGATIVE_INFINITY,
      holders: new Map(),
      own: new Map(),
      learned: [],
    };
    // Read before what is known already.
    if (fact.refusalEpoch < entry.fact.refusalEpoch) return;
    if (fact.refusalEpoch > entry.fact.refusalEpoch) {
      entry.holders.clear();
      forgetLearned(entry);
    }
    for (const [index, userId] of fact.userIds.entries()) {
      const [couponId = 0n, sequenceNo = 0] = [fact.couponIds[index], fact.sequenceNos[index]];
      entry.holders.set(userId, { couponId, sequenceNo });
    }
    entry.fact = { ...fact, userIds: [], couponIds: [], sequenceNos: [] };
    entry.trustedUntilMs = (tickSentAtMs ?? Number.NEGATIVE_INFINITY) + TRUST_MS;
    entry.closedUntilMs = (tickSentAtMs ?? 0) + (fact.closedForMs ?? Number.POSITIVE_INFINITY);
    if (tickSentAtMs !== undefined) confirm(entry, tickSentAtMs);
    known.set(fact.policyId, entry);
  }

  /** A coupon that was issued between two reads with the same epoch counted at the second one. */
  function confirm(entry: Known, tickSentAtMs: number): void {
    const before = entry.own.size + entry.learned.length;
    entry.learned = entry.learned.filter(({ userId, coupon, epoch, receivedAtMs }) => {
      if (receivedAtMs >= tickSentAtMs) return true;
      if (epoch === entry.fact.refusalEpoch) entry.own.set(userId, coupon);
      return false;
    });
    learnedCount += entry.own.size + entry.learned.length - before;
  }

  return {
    guard: (issueCoupon) => async (request) => {
      const { policyId, userId, commandKey } = request;
      if (named.size < NAMED_MAX) named.add(policyId);
      // A command with a key may have had its effect earlier.
      const refusal = commandKey === undefined ? refusalFor(policyId, userId) : undefined;
      if (refusal !== undefined) return await endOfTurn(toRefusalResponse(refusal));
      const epoch = known.get(policyId)?.fact.refusalEpoch;
      const response = await issueCoupon(request);
      if (response.outcome?.$case === 'coupon' && response.replayed !== true && epoch !== undefined) {
        const { id: couponId, sequenceNo } = response.outcome.value;
        learn(policyId, { userId, coupon: { couponId, sequenceNo }, epoch, receivedAtMs: monotonic() });
      }
      return response;
    },
    isClosed(policyId) {
      const entry = known.get(policyId);
      const nowMs = monotonic();
      if (entry?.fact.closed === undefined || !entry.fact.hasAllHolders) return false;
      return nowMs < entry.trustedUntilMs && nowMs < entry.closedUntilMs;
    },
    tick() {
      if (named.size === 0) return undefined;
      const nowMs = monotonic();
      for (const [tick, at] of sentAt) {
        if (nowMs - at < TRUST_MS) break;
        sentAt.delete(tick);
      }
      lastTick = (lastTick + 1) >>> 0;
      sentAt.set(lastTick, nowMs);
      const policyIds = [...named];
      named.clear();
      return { tick: lastTick, policyIds };
    },
    apply({ tick, policies }) {
      for (const fact of policies) applyFact(fact, sentAt.get(tick));
    },
    reset() {
      known.clear();
      sentAt.clear();
      learnedCount = 0;
    },
  };
}
