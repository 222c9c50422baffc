import type { ChangeBatch } from '../../../../platform/batching/change-batch.ts';
import type {
  FollowedPolicy,
  Subscription,
  SubscriptionCommand,
  SubscriptionDecision,
  SubscriptionKey,
  SubscriptionSnapshot,
  SubscriptionType,
} from '../../domain/subscription.ts';

/** Decides batches of commands under the locks of the stores and policies that they name. */
export interface SubscriptionStore {
  changeBatch: ChangeBatch<SubscriptionCommand, SubscriptionSnapshot, SubscriptionDecision>;
}

export type SubscriptionTarget = Omit<SubscriptionKey, 'userId'>;

export interface ListedSubscription {
  readonly id: bigint;
  readonly target:
    | { readonly type: 'STORE'; readonly storeId: bigint; readonly name: string; readonly category: string }
    | ({ readonly type: 'POLICY' } & FollowedPolicy);
}

export interface SubscriptionReader {
  /** Newest first, with an id below `before`, without stores that are not OPEN and policies that have ended. */
  listOf(filter: {
    readonly userId: bigint;
    readonly type: SubscriptionType | undefined;
    readonly before: bigint | undefined;
    readonly limit: number;
  }): Promise<readonly ListedSubscription[]>;
  /** What a user follows, by ascending id after `after`, whatever its state. */
  allOf(userId: bigint, after: bigint, limit: number): Promise<readonly Subscription[]>;
  /** Users with a larger id than `after`, ascending, and the number of all followers. */
  followersOf(
    target: SubscriptionTarget,
    after: bigint,
    limit: number,
  ): Promise<{ readonly userIds: readonly bigint[]; readonly followers: number }>;
  /** Policies with followers that are neither suspended nor ended, whose window begins in [from, to), the earliest first. */
  openings(from: Date, to: Date, limit: number): Promise<readonly FollowedPolicy[]>;
}

/** Keeps what this context knows of policies as their events say. Every change may be repeated. */
export interface PolicyRecords {
  /**
   * Records that a policy was active. Publishes store.coupon_opened if that is new, and the policy is of an OPEN store: followers may come
   * until it opens.
   */
  activated(policy: FollowedPolicy): Promise<void>;
  changed(policy: Pick<FollowedPolicy, 'policyId' | 'name'> & { readonly opensAt: Date | undefined }): Promise<void>;
  suspended(policyId: bigint, isSuspended: boolean): Promise<void>;
  ended(policyId: bigint): Promise<void>;
}

/** Removes followers of what is gone for good. */
export interface ForgottenTargets {
  /** A deleted store or an ended policy that still has followers. */
  next(): Promise<SubscriptionTarget | undefined>;
  /** Removes at most `limit` followers, and returns how many. */
  removeFollowers(target: SubscriptionTarget, limit: number): Promise<number>;
}
