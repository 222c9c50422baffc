import type { CommandKey, Keep, Keyed, Merged, Replay } from '../../../platform/kernel/command-key.ts';
import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { Happenings, Policy, UserCoupon } from '../api.ts';
import type {
  IssuablePolicy,
  IssueCommand,
  IssueDecision,
  IssueOutcome,
  IssueSnapshot,
} from '../domain/issue/issue.ts';
import type { LifecycleCommand } from '../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleDecision, LifecycleOutcome, LifecycleSnapshot } from '../domain/lifecycle/lifecycle-decision.ts';

/** A command that a caller may have named with a key. */
export type KeyedIssueCommand = IssueCommand & Keyed<IssueOutcome>;

/** Where coupons are issued: all or nothing, under the locks of the policies. */
export interface IssueStore {
  /**
   * Locks the policies of the commands, loads what their users hold, lets `decide` decide at the store's time, which all nodes share, and stores the decision with its
   * events. Answers after the commit. `decide` is pure and may run again. It gets the commands whose key is not known: the others
   * are replayed.
   */
  issueBatch(
    commands: readonly KeyedIssueCommand[],
    decide: (snapshot: IssueSnapshot, nowMs: number, newCommands: readonly IssueCommand[]) => IssueDecision,
    options?: IssueBatchOptions,
  ): Promise<IssuedBatch>;
  /** Everybody who holds a coupon of a policy, read at one moment; undefined when there are more than `max`. */
  holders(policyId: bigint, max: number): Promise<Holders | undefined>;
}

export interface IssueBatchOptions {
  /** One of the users is known to hold a coupon of the policy already: the store does not try to do without the lock. */
  readonly hasHolder?: boolean;
}

export interface IssuedBatch {
  readonly decision: Merged<IssueDecision>;
  /** What was decided on; it was true at the commit. */
  readonly snapshot: IssueSnapshot;
  readonly path: 'locked' | 'optimistic';
}

/** A command that a caller may have named with a key. */
export type KeyedLifecycleCommand = LifecycleCommand & Keyed<LifecycleOutcome>;

/** Where coupons live after their issue: all or nothing, under the locks of the coupons. */
export interface LifecycleStore {
  /**
   * Claims the events of the commands, locks what they touch, lets `decide` decide at the store's time, which all nodes share, and stores the decision with its events.
   * Answers after the commit. `decide` is pure and may run again. It gets the commands whose key is not known: the others are
   * replayed.
   */
  changeBatch(
    commands: readonly KeyedLifecycleCommand[],
    decide: (snapshot: LifecycleSnapshot, nowMs: number, newCommands: readonly LifecycleCommand[]) => LifecycleDecision,
  ): Promise<Merged<LifecycleDecision>>;
}

/** Results that were kept for keys of commands. */
export interface StoredResults {
  /** One for each key, in their order. Of what was committed before. */
  find(commandKeys: readonly CommandKey[]): Promise<readonly (Replay | undefined)[]>;
}

export interface Holders {
  readonly policy: IssuablePolicy;
  /** User to their first coupon that counts. Only for policies that give one to a user. */
  readonly first: ReadonlyMap<bigint, { readonly couponId: bigint; readonly sequenceNo: number }>;
}

/** What was done to a policy by hand, by whom and why. */
export interface ChangeNote {
  readonly kind: 'TERMS' | 'STATUS' | 'QUANTITY' | 'DIRECT_ISSUE';
  readonly by: string;
  readonly reason: string;
}

export type Inserted = Policy | 'code taken';
export type Changed = { readonly before: Policy; readonly after: Policy } | Refusal | 'not found' | 'code taken';

/** With `keep` a change has one effect for its key: its result is kept in its transaction, and later returned as a Replay. */
export interface PolicyStore {
  /** Stores a new policy, with the event of the status it begins in. */
  insert(policy: Policy, keep?: Keep<Inserted>): Promise<Inserted | Replay>;
  find(id: bigint): Promise<Policy | undefined>;
  list(filter: PolicyFilter): Promise<readonly Policy[]>;
  /**
   * Locks the policy, lets `decide` decide at the store's time and stores the outcome with the note and the policy's events. A refusal changes
   * nothing; so does answering the very policy that came in.
   */
  change(
    id: bigint,
    note: ChangeNote,
    decide: (policy: Policy, nowMs: number) => Policy | Refusal,
    keep?: Keep<Changed>,
  ): Promise<Changed | Replay>;
  /** Records what is done under a policy by hand and changes nothing of it. Returns the id of the record. */
  record(id: bigint, note: ChangeNote, keep?: Keep<bigint>): Promise<bigint | Replay>;
  /** Keeps a result whose effect is committed already. Returns the replay when another one was kept meanwhile. */
  conclude<Outcome>(keep: Keep<Outcome>, outcome: Outcome): Promise<Outcome | Replay>;
  /** EVENT policies that have not ended, by the topic that triggers them. */
  policiesTriggeredBy(topics: readonly string[]): Promise<ReadonlyMap<string, readonly bigint[]>>;
}

/** What the clock is to end, the longest overdue first. */
export interface DueReader {
  /** Reservations that still hold their coupon. */
  reservations(now: Date, limit: number): Promise<readonly string[]>;
  /** Coupons that nobody has reserved or used. */
  coupons(now: Date, limit: number): Promise<readonly bigint[]>;
}

/** Policies whose window opens or ends. */
export interface PolicyWindows {
  /** When the next of them does; of those that have and are not written down yet the oldest. */
  nextAt(): Promise<number | undefined>;
  /** Writes down what the clock has done to at most `limit` policies, with their events. Answers which; none = no more. */
  applyDueTransitions(now: Date, limit: number): Promise<readonly bigint[]>;
}

export interface PolicyFilter {
  /** By the clock at `now`. */
  readonly status?: string | undefined;
  readonly now: Date;
  readonly distributionType?: string | undefined;
  readonly storeId?: bigint | undefined;
  /** Newest first: only policies with a smaller id. */
  readonly before?: bigint | undefined;
  readonly limit: number;
}

export interface CouponReader {
  isIssued(policyId: bigint, userId: bigint): Promise<boolean>;
  /** Newest first, with what people want to see of their policies. */
  listOfUser(query: UserCouponQuery): Promise<readonly UserCoupon[]>;
  /** ISSUED ones that expire after `now` and not after `until`, the first to expire first. */
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
  /** What the used ones took off. */
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

/** Facts counted for the other contexts. */
export interface ActivityReader {
  /** One statement, so of one moment. By policy and time. */
  quarters(query: QuarterQuery): Promise<readonly Quarter[]>;
  countReserved(policyId: bigint): Promise<bigint>;
  /** Newest first. */
  policyIdsOf(createdBy: bigint, limit: number): Promise<readonly bigint[]>;
}

export interface QuarterQuery {
  /** Empty = every policy. */
  readonly policyIds: readonly bigint[];
  /** Of the facts' moments, [from, to). */
  readonly from: Date;
  readonly to: Date;
}

/** What happened to a policy's coupons within a quarter of an hour, in UTC. */
export interface Quarter {
  readonly policyId: bigint;
  readonly storeId: bigint | undefined;
  readonly timezone: string;
  readonly startsAtMs: number;
  /** Of the latest of them. */
  readonly latestAtMs: number;
  readonly counts: Omit<Happenings, 'policyId' | 'storeId' | 'day' | 'hour' | 'startsAt'>;
}

export interface CouponStore extends IssueStore, LifecycleStore, PolicyStore, CouponReader {}
