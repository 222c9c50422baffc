import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { Happenings, Policy, UserCoupon } from '../api.ts';
import type { IssuablePolicy, IssueCommand, IssueDecision, IssueSnapshot } from '../domain/issue.ts';
import type { LifeCommand } from '../domain/life-command.ts';
import type { LifeDecision, LifeSnapshot } from '../domain/life-decision.ts';

/** Where coupons are issued: all or nothing, under the locks of the policies. */
export interface IssueStore {
  /**
   * Locks the policies of the commands, loads what their users hold, lets `decide` decide at the store's time, which all nodes
   * share, and stores the decision with its events. Answers after the commit. `decide` is pure and may run again.
   */
  issueGroup(
    commands: readonly IssueCommand[],
    decide: (snapshot: IssueSnapshot, nowMs: number) => IssueDecision,
  ): Promise<{ readonly decision: IssueDecision; readonly snapshot: IssueSnapshot }>;
  /** Everybody who holds a coupon of a policy, read at one moment; undefined when there are more than `max`. */
  holders(policyId: bigint, max: number): Promise<Holders | undefined>;
}

/** Where coupons live after their issue: all or nothing, under the locks of the coupons. */
export interface LifeStore {
  /**
   * Claims the events of the commands, locks what they touch, lets `decide` decide at the store's time and stores the decision
   * with its events. Answers after the commit. `decide` is pure and may run again.
   */
  changeGroup(
    commands: readonly LifeCommand[],
    decide: (snapshot: LifeSnapshot, nowMs: number) => LifeDecision,
  ): Promise<LifeDecision>;
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

export interface PolicyStore {
  /** Stores a new policy, with the event of the status it begins in. */
  insert(policy: Policy): Promise<Policy | 'code taken'>;
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
  ): Promise<{ readonly before: Policy; readonly after: Policy } | Refusal | 'not found' | 'code taken'>;
  /** Records what is done under a policy by hand and changes nothing of it. */
  record(id: bigint, note: ChangeNote): Promise<void>;
  /** EVENT policies that have not ended, by the topic that triggers them. */
  triggered(topics: readonly string[]): Promise<ReadonlyMap<string, readonly bigint[]>>;
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
  turn(now: Date, limit: number): Promise<readonly bigint[]>;
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
export interface HappeningsReader {
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

export interface CouponStore extends IssueStore, LifeStore, PolicyStore, CouponReader {}
