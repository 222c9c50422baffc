import { cutPage, readPage } from '../../../../platform/kernel/pages.ts';
import type {
  ListFollowedOpeningsRequest,
  ListFollowedOpeningsResponse,
  ListFollowersRequest,
  ListFollowersResponse,
  ListSubscriptionsRequest,
  ListSubscriptionsResponse,
  FollowedPolicy as PolicyView,
  Subscription as SubscriptionView,
} from '../../api.ts';
import { FOLLOWERS_PAGE_MAX, OPENINGS_MAX } from '../../domain/limits.ts';
import { type FollowedPolicy, SUBSCRIPTION_TYPES } from '../../domain/subscription.ts';
import type { ListedSubscription, SubscriptionReader } from './ports.ts';

/** An invalid cursor and an unknown type give an empty page. */
export const listSubscriptions =
  (reader: Pick<SubscriptionReader, 'listOf'>) =>
  async ({ userId, page, type: asked }: ListSubscriptionsRequest): Promise<ListSubscriptionsResponse> => {
    const pageRequest = readPage(page);
    const type = SUBSCRIPTION_TYPES.find((each) => each === asked);
    if (!pageRequest || type !== asked) return { subscriptions: [], nextCursor: undefined };
    const { limit, before } = pageRequest;
    const found = await reader.listOf({ userId, type, before, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
    return { subscriptions: rows.map(toView), nextCursor };
  };

function toView({ id, target }: ListedSubscription): SubscriptionView {
  if (target.type === 'POLICY') return { id, target: { $case: 'policy', value: toPolicyView(target) } };
  const { storeId, name, category } = target;
  return { id, target: { $case: 'store', value: { storeId, name, category } } };
}

const toPolicyView = ({ policyId, storeId, name, opensAt }: FollowedPolicy): PolicyView => ({
  policyId,
  storeId: storeId ?? undefined,
  name,
  opensAt,
});

export const listFollowers =
  (reader: Pick<SubscriptionReader, 'followersOf'>) =>
  async ({ target, after, limit }: ListFollowersRequest): Promise<ListFollowersResponse> => {
    if (target === undefined) return { userIds: [], hasMore: false, followers: 0 };
    const rows = Math.min(Math.max(limit, 1), FOLLOWERS_PAGE_MAX);
    const type = target.$case === 'storeId' ? 'STORE' : 'POLICY';
    const { userIds, followers } = await reader.followersOf({ type, targetId: target.value }, after, rows + 1);
    return { userIds: userIds.slice(0, rows), hasMore: userIds.length > rows, followers };
  };

export const listFollowedOpenings =
  (reader: Pick<SubscriptionReader, 'openings'>) =>
  async ({ from, to }: ListFollowedOpeningsRequest): Promise<ListFollowedOpeningsResponse> => {
    if (from === undefined || to === undefined) return { policies: [] };
    return { policies: (await reader.openings(from, to, OPENINGS_MAX)).map(toPolicyView) };
  };
