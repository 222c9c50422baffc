/** What a user can follow: a store, or a coupon policy that has not opened yet. */
export const SUBSCRIPTION_TYPES = ['STORE', 'POLICY'] as const;
export type SubscriptionType = (typeof SUBSCRIPTION_TYPES)[number];

export interface SubscriptionKey {
  readonly type: SubscriptionType;
  /** Id of the store or of the policy. */
  readonly targetId: bigint;
  readonly userId: bigint;
}

/** That a user follows something. */
export interface Subscription extends SubscriptionKey {
  /** Later ones have a larger id. */
  readonly id: bigint;
}

/** What this context knows of a policy that is followed. */
export interface FollowedPolicy {
  readonly policyId: bigint;
  /** Null: platform wide. */
  readonly storeId: bigint | null;
  readonly name: string;
  readonly opensAt: Date;
}

/** To follow something, or to follow it no more. Repeating it changes nothing. */
export interface SubscriptionCommand extends SubscriptionKey {
  readonly isFollowing: boolean;
  /** Stored with the first follower of a policy. */
  readonly policy?: FollowedPolicy | undefined;
}

/** `not found`: the store cannot be followed, because it is not OPEN, or the policy, because it has ended. `no account`: the user has deleted it. */
export type SubscriptionOutcome = 'done' | 'not found' | 'no account';

export interface SubscriptionSnapshot {
  /** Whether a store or a policy can be followed, by `targetKey`. Those that do not exist are absent. */
  readonly canBeFollowed: ReadonlyMap<string, boolean>;
  /** Which users of the batch have deleted their account. */
  readonly deletedUsers: ReadonlySet<bigint>;
  /** What the users of the batch follow, by `subscriptionKey`. */
  readonly subscriptions: ReadonlyMap<string, Subscription>;
}

export interface SubscriptionDecision {
  readonly outcomes: readonly SubscriptionOutcome[];
  /** Written after `removed`. */
  readonly added: readonly Subscription[];
  readonly removed: readonly Subscription[];
  /** Every change in its order: a user may follow and unfollow in one batch. */
  readonly changes: readonly (SubscriptionKey & { readonly isFollowing: boolean })[];
}

export const targetKey = ({ type, targetId }: Omit<SubscriptionKey, 'userId'>): string => `${type} ${targetId}`;
export const subscriptionKey = (key: SubscriptionKey): string => `${targetKey(key)} ${key.userId}`;

/** Decides the commands one after the other. */
export function decideSubscriptions(
  { canBeFollowed, deletedUsers, subscriptions }: SubscriptionSnapshot,
  commands: readonly SubscriptionCommand[],
  nextId: () => bigint,
): SubscriptionDecision {
  const changed = new Map<string, Subscription | undefined>();
  const changes: SubscriptionDecision['changes'][number][] = [];
  const outcomes = commands.map(({ type, targetId, userId, isFollowing }): SubscriptionOutcome => {
    if (isFollowing && deletedUsers.has(userId)) return 'no account';
    const key = subscriptionKey({ type, targetId, userId });
    const present = changed.has(key) ? changed.get(key) : subscriptions.get(key);
    if ((present !== undefined) === isFollowing) return 'done';
    if (isFollowing && !canBeFollowed.get(targetKey({ type, targetId }))) return 'not found';
    changed.set(key, isFollowing ? { type, targetId, userId, id: nextId() } : undefined);
    changes.push({ type, targetId, userId, isFollowing });
    return 'done';
  });
  const added = [...changed.values()].filter((subscription) => subscription !== undefined);
  const removed = [...changed.keys()].flatMap((key) => subscriptions.get(key) ?? []);
  return { outcomes, added, removed, changes };
}

/** By how much the number of followers of each target changes, without those that stay the same. */
export function followerChanges({ added, removed }: Pick<SubscriptionDecision, 'added' | 'removed'>): readonly (Omit<
  SubscriptionKey,
  'userId'
> & {
  readonly change: number;
})[] {
  const counts = new Map<string, { type: SubscriptionType; targetId: bigint; change: number }>();
  const count =
    (change: number) =>
    ({ type, targetId }: Subscription): void => {
      const key = targetKey({ type, targetId });
      const counted = counts.get(key) ?? { type, targetId, change: 0 };
      counted.change += change;
      counts.set(key, counted);
    };
  added.forEach(count(1));
  removed.forEach(count(-1));
  return [...counts.values()].filter(({ change }) => change !== 0);
}
