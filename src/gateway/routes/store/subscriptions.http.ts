import type { CouponService } from '../../../contexts/coupon/api.ts';
import type { SetSubscriptionRequest, StoreService } from '../../../contexts/store/api.ts';
import { type Principal, subjectOf } from '../../auth/principal.ts';
import type { KeyedCall } from '../../idempotency/keyed-call.ts';
import { ProblemError, valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { EmptyBody, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import {
  OneTarget,
  POLICY_SUBSCRIPTION_EXAMPLE,
  STORE_SUBSCRIPTION_EXAMPLE,
  SubscriptionsQuery,
  SubscriptionView,
  subscriptionJson,
} from './subscription.schemas.ts';

type Target = NonNullable<SetSubscriptionRequest['target']>;

/** What users follow. Everybody follows for themself; a machine for the customer of X-User-Id. */
export function subscriptionsRoutes({
  store,
  coupon,
}: {
  readonly store: StoreService;
  readonly coupon: CouponService;
}): readonly Route[] {
  async function set(principal: Principal, call: KeyedCall, target: Target, isFollowing: boolean): Promise<void> {
    const userId = subjectOf(principal, undefined);
    call.valueFrom(await store.setSubscription({ userId, target, isFollowing, commandKey: call.takeCommandKey() }));
  }

  /** The store context does not read policies: the edge gives it what it needs of one. */
  async function policyOf(policyId: bigint): Promise<Target> {
    const { status, terms } = valueFrom((await coupon.getPolicy({ policyId })).outcome);
    if (status === 'ENDED') throw new ProblemError('POLICY_ENDED');
    return {
      $case: 'policy',
      value: { policyId, storeId: terms?.storeId, name: terms?.name ?? '', opensAt: terms?.validFrom },
    };
  }

  const shared = {
    tag: 'subscriptions',
    access: 'ANY_TOKEN',
    scope: 'stores:write',
    status: 204,
    idempotent: true,
    params: OneTarget,
  } as const;
  const STORE = ['/api/v1/stores/:id/subscription'];
  const POLICY = ['/api/v1/coupon-policies/:id/subscription'];

  return [
    route({
      ...shared,
      id: 'followStore',
      method: 'PUT',
      paths: STORE,
      summary: 'Follow a store',
      description:
        'Its followers are notified when one of its coupon policies opens. Only an OPEN store can be followed. A repeat changes nothing.',
      refusals: ['STORE_NOT_FOUND', 'ACCOUNT_DELETED'],
      body: EmptyBody,
      bodyExample: {},
      handle: ({ principal, call, params: { id } }) => set(principal, call, { $case: 'storeId', value: id }, true),
    }),
    route({
      ...shared,
      id: 'unfollowStore',
      method: 'DELETE',
      paths: STORE,
      summary: 'Unfollow a store',
      description: 'A repeat changes nothing, nor does a store that is not followed.',
      handle: ({ principal, call, params: { id } }) => set(principal, call, { $case: 'storeId', value: id }, false),
    }),
    route({
      ...shared,
      id: 'followCouponPolicy',
      method: 'PUT',
      paths: POLICY,
      summary: 'Follow a coupon policy that opens later',
      description:
        'Its followers get a notice some minutes before it opens, and when it opens. A suspended policy can be followed, too: its notices come if it resumes. A repeat changes nothing.',
      refusals: ['POLICY_NOT_FOUND', 'POLICY_ALREADY_OPEN', 'POLICY_ENDED', 'ACCOUNT_DELETED'],
      body: EmptyBody,
      bodyExample: {},
      handle: async ({ principal, call, params: { id } }) => await set(principal, call, await policyOf(id), true),
    }),
    route({
      ...shared,
      id: 'unfollowCouponPolicy',
      method: 'DELETE',
      paths: POLICY,
      summary: 'Unfollow a coupon policy',
      description: 'A repeat changes nothing, nor does a policy that is not followed.',
      handle: ({ principal, call, params: { id: policyId } }) => {
        const value = { policyId, storeId: undefined, name: '', opensAt: undefined };
        return set(principal, call, { $case: 'policy', value }, false);
      },
    }),
    route({
      id: 'listSubscriptions',
      tag: 'subscriptions',
      method: 'GET',
      paths: ['/api/v1/subscriptions'],
      summary: 'List what you follow, the latest first',
      description: 'Stores that are not OPEN and policies that have ended are left out.',
      access: 'ANY_TOKEN',
      scope: 'stores:read',
      status: 200,
      response: {
        schema: pageView('subscriptions', SubscriptionView).meta({ id: 'SubscriptionList' }),
        example: {
          subscriptions: [STORE_SUBSCRIPTION_EXAMPLE, POLICY_SUBSCRIPTION_EXAMPLE],
          nextCursor: null,
          hasMore: false,
        },
      },
      query: SubscriptionsQuery,
      async handle({ principal, query }) {
        const type = query.type && TYPES[query.type];
        const message = { userId: subjectOf(principal, undefined), page: pageOf(query), type };
        const { subscriptions, nextCursor } = await store.listSubscriptions(message);
        return { subscriptions: subscriptions.map(subscriptionJson), ...pageJson(nextCursor) };
      },
    }),
  ];
}

const TYPES = { store: 'STORE', policy: 'POLICY' } as const;
