import type { CommandKey, Keep, Keyed, Merged, Replay } from '../../../platform/kernel/command-key.ts';
import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { Happenings, UserCoupon } from '../api.ts';
import type {
  IssuablePolicy,
  IssueCommand,
  IssueDecision,
  IssueOutcome,
  IssueSnapshot,
} from '../domain/issue/issue.ts';
import type { LifecycleCommand } from '../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleDecision, LifecycleOutcome, LifecycleSnapshot } from '../domain/lifecycle/lifecycle-decision.ts';
import type { Policy, PolicyStatus } from '../domain/policy/policy.ts';
import type { DistributionType } from '../domain/policy/policy-terms.ts';

/** A command with an optional idempotency key. */
export type KeyedIssueCommand = IssueCommand & Keyed<IssueOutcome>;

/** Issues coupons in transactions, under the locks of the policies. */
export interface IssueStore {
  /**
   * Locks the policies of the commands, loads their users' coupons, calls `decide` with the store's time, which all
   * nodes share, and stores the decision with its events. Resolves after the commit. `decide` is pure and may be called
   * again. It gets the commands without a stored result for their key; the others are replayed.
   */
  issueBatch(
    commands: readonly KeyedIssueCommand[],
    decide: (snapshot: IssueSnapshot, nowMs: number, newCommands: readonly IssueCommand[]) => IssueDecision,
    options?: IssueBatchOptions,
  ): Promise<IssuedBatch>;
  /** All holders of a policy, read at one moment; undefined when there are more than `max`. */
  holders(policyId: bigint, max: number): Promise<Holders | undefined>;
}

export interface IssueBatchOptions {
  /**
   * A user of the batch holds a coupon of the policy, as far as the cache knows: the store does not try an optimistic
   * batch.
   */
  readonly hasHolder?: boolean;
}

export interface IssuedBatch {
  readonly decision: Merged<IssueDecision>;
  /** The state that was decided on. It was current at the commit. */
  readonly snapshot: IssueSnapshot;
  readonly path: 'locked' | 'optimistic';
}

/** A command with an optional idempotency key. */
export type KeyedLifecycleCommand = LifecycleCommand & Keyed<LifecycleOutcome>;

/** Changes issued coupons in transactions, under their locks. */
export interface LifecycleStore {
  /**
   * Claims the events of the commands, locks what they touch, calls `decide` with the store's time, which all nodes
   * share, and stores the decision with its events. Resolves after the commit. `decide` is pure and may be called
   * again. It gets the commands without a stored result for their key; the others are replayed.
   */
  changeBatch(
    commands: readonly KeyedLifecycleCommand[],
    decide: (snapshot: LifecycleSnapshot, nowMs: number, newCommands: readonly LifecycleCommand[]) => LifecycleDecision,
  ): Promise<Merged<LifecycleDecision>>;
}

/** The stored results of idempotency keys. */
export interface StoredResults {
  /** One for each key, in their order, of committed commands. */
  find(commandKeys: readonly CommandKey[]): Promise<readonly (Replay | undefined)[]>;
}

export interface Holders {
  readonly policy: IssuablePolicy;
  /** The first counting coupon of each user. Only for policies with one coupon per user. */
  readonly first: ReadonlyMap<bigint, { readonly couponId: bigint; readonly sequenceNo: number }>;
}

/** The record of a manual change of a policy. */
export interface ChangeNote {
  readonly kind: 'TERMS' | 'STATUS' | 'QUANTITY' | 'DIRECT_ISSUE';
  readonly by: string;
  readonly reason: string;
}

export type Inserted = Policy | 'code taken';
export type Changed = { readonly before: Policy; readonly after: Policy } | Refusal | 'not found' | 'code taken';

/**
 * With `keep` a change has one effect for its key: its result is stored in its transaction, and later returned as a
 * Replay.
 */
export interface PolicyStore {
  /** Stores a new policy, with the event of its first status. */
  insert(policy: Policy, keep?: Keep<Inserted>): Promise<Inserted | Replay>;
  find(id: bigint): Promise<Policy | undefined>;
  list(filter: PolicyFilter): Promise<readonly Policy[]>;
  /**
   * Locks the policy, calls `decide` with the store's time and stores the outcome with the note and the policy's
   * events. A refusal changes nothing; neither does returning the same policy object.
   */
  change(
    id: bigint,
    note: ChangeNote,
    decide: (policy: Policy, nowMs: number) => Policy | Refusal,
    keep?: Keep<Changed>,
  ): Promise<Changed | Replay>;
  /** Records a manual action that does not change the policy. Returns the id of the record. */
  record(id: bigint, note: ChangeNote, keep?: Keep<bigint>): Promise<bigint | Replay>;
  /** Stores a result whose effect is committed already. Returns the replay if another one was stored meanwhile. */
  conclude<Outcome>(keep: Keep<Outcome>, outcome: Outcome): Promise<Outcome | Replay>;
  /** The ids of EVENT policies that have not ended, by triggering topic. */
  policiesTriggeredBy(topics: readonly string[]): Promise<ReadonlyMap<string, readonly bigint[]>>;
}

/** What scheduled tasks have to end, longest overdue first. */
export interface DueReader {
  /** PENDING reservations past their end. */
  reservations(now: Date, limit: number): Promise<readonly string[]>;
  /** ISSUED coupons past their expiry. */
  coupons(now: Date, limit: number): Promise<readonly bigint[]>;
}

/** The window transitions of policies. */
export interface PolicyWindows {
  /** The time of the next transition that is not stored yet. It may lie in the past. */
  nextAt(): Promise<number | undefined>;
  /**
   * Stores the due transitions of at most `limit` policies, with their events. Returns the ids of these policies; none
   * = nothing is due.
   */
  applyDueTransitions(now: Date, limit: number): Promise<readonly bigint[]>;
}

export interface PolicyFilter {
  /** The status at `now`. */
  readonly status?: PolicyStatus | undefined;
  readonly now: Date;
  readonly distributionType?: DistributionType | undefined;
  readonly storeId?: bigint | undefined;
  /** Newest first: only policies with a smaller id. */
  readonly before?: bigint | undefined;
  readonly limit: number;
}

export interface CouponReader {
  isIssued(policyId: bigint, userId: bigint): Promise<boolean>;
  /** Newest first, with the fields of their policies that responses show. */
  listOfUser(query: UserCouponQuery): Promise<readonly UserCoupon[]>;
  /** ISSUED coupons that expire after `now` and not after `until`, the first to expire first. */
  expiring(query: ExpiringQuery): Promise<readonly UserCoupon[]>;
  statisticsOf(userId: bigint, now: Date): Promise<UserStatistics>;
}

export interface ExpiringQuery {
  readonly userId: bigint;
  readonly now: Date;
  readonly until: Date;
  readonly limit: number;
}

/** Of all coupons of a user that were not withdrawn. */
export interface UserStatistics {
  readonly total: number;
  readonly available: number;
  readonly used: number;
  readonly expired: number;
  /** The total discount of the used coupons. */
  readonly saved: bigint;
}

export interface UserCouponQuery {
  readonly userId: bigint;
  /** AVAILABLE, UNUSED, USED, EXPIRED; any of them, none = all. */
  readonly filters: readonly string[];
  readonly now: Date;
  readonly before?: bigint | undefined;
  readonly limit: number;
}

/** Counts of activity for other contexts. */
export interface ActivityReader {
  /** One statement, so all counts are of one moment. Ordered by policy and time. */
  quarters(query: QuarterQuery): Promise<readonly Quarter[]>;
  countReserved(policyId: bigint): Promise<bigint>;
  /** Newest first. */
  policyIdsOf(createdBy: bigint, limit: number): Promise<readonly bigint[]>;
}

export interface QuarterQuery {
  /** Empty = every policy. */
  readonly policyIds: readonly bigint[];
  /** The range of times, [from, to). */
  readonly from: Date;
  readonly to: Date;
}

/** The activity of a policy within a quarter of an hour, in UTC. */
export interface Quarter {
  readonly policyId: bigint;
  readonly storeId: bigint | undefined;
  readonly timezone: string;
  readonly startsAtMs: number;
  /** The time of the latest activity. */
  readonly latestAtMs: number;
  readonly counts: Omit<Happenings, 'policyId' | 'storeId' | 'day' | 'hour' | 'startsAt'>;
}

export interface CouponStore extends IssueStore, LifecycleStore, PolicyStore, CouponReader {}
