import { z } from 'zod';
import type { CouponService, Policy } from '../../../contexts/coupon/api.ts';
import { managerOf, managesStore, type StoreChecks, type StoreService } from '../../../contexts/store/api.ts';
import { mayLag, type Principal, toProto } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { PageFields, PathId, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import { POLICY_EXAMPLE } from './coupon-policy.examples.ts';
import {
  DistributionType,
  OnePolicy,
  POLICIES_PATHS,
  type PolicyJson,
  PolicyStatus,
  PolicyView,
  policyJson,
} from './coupon-policy.schemas.ts';

const StorePolicyFilter = z.strictObject({
  ...PageFields,
  status: PolicyStatus.optional(),
  distributionType: DistributionType.optional(),
});
const PolicyFilter = StorePolicyFilter.extend({ storeId: PathId.optional() });

const POLICY_LIST = {
  schema: pageView('policies', PolicyView).meta({ id: 'CouponPolicyList' }),
  example: { policies: [POLICY_EXAMPLE], nextCursor: null, hasMore: false },
} as const;

export interface CouponPoliciesDeps {
  readonly coupon: Pick<CouponService, 'listPolicies' | 'getPolicy'>;
  readonly store: StoreChecks & Pick<StoreService, 'getStore'>;
}

/** Reading policies, alone and in lists. */
export const couponPoliciesRoutes = ({ coupon, store }: CouponPoliciesDeps): readonly Route[] => [
  route({
    id: 'listCouponPolicies',
    tag: 'coupon policies',
    method: 'GET',
    paths: POLICIES_PATHS,
    summary: 'List coupon policies',
    description: 'Codes and other fields for editors are shown to ADMIN, and to the OWNER of the store of the policy.',
    access: 'ANYBODY',
    sharedBy: 'CUSTOMERS',
    scope: 'policies:read',
    status: 200,
    response: POLICY_LIST,
    query: PolicyFilter,
    handle: ({ principal, query }) => listPolicies({ coupon, store }, principal, query),
  }),
  route({
    id: 'listStoreCouponPolicies',
    tag: 'coupon policies',
    method: 'GET',
    paths: ['/api/v1/stores/:id/coupon-policies'],
    summary: 'List the coupon policies of a store, newest first',
    description:
      'As the list of all policies. A store that is not OPEN is missing for everybody but its owner, its staff and ADMIN.',
    access: 'ANYBODY',
    sharedBy: 'ANONYMOUS',
    scope: 'policies:read',
    status: 200,
    response: POLICY_LIST,
    refusals: ['STORE_NOT_FOUND'],
    params: OnePolicy,
    query: StorePolicyFilter,
    async handle({ principal, params: { id: storeId }, query }) {
      valueFrom((await store.getStore({ storeId, principal: principal && toProto(principal) })).outcome);
      return await listPolicies({ coupon, store }, principal, { ...query, storeId });
    },
  }),
  route({
    id: 'getCouponPolicy',
    tag: 'coupon policies',
    method: 'GET',
    paths: POLICIES_PATHS.map((base) => `${base}/:id`),
    summary: 'Read a coupon policy',
    description: 'Codes and other fields for editors are shown to ADMIN, and to the OWNER of the store of the policy.',
    access: 'ANYBODY',
    sharedBy: 'CUSTOMERS',
    scope: 'policies:read',
    status: 200,
    response: { schema: PolicyView, example: POLICY_EXAMPLE },
    refusals: ['POLICY_NOT_FOUND'],
    params: OnePolicy,
    async handle({ principal, params: { id } }): Promise<PolicyJson> {
      const [{ outcome }, view] = await Promise.all([coupon.getPolicy({ policyId: id }), viewFor(store, principal)]);
      return view(valueFrom(outcome));
    },
  }),
];

async function listPolicies(
  { coupon, store }: CouponPoliciesDeps,
  principal: Principal | undefined,
  query: z.output<typeof PolicyFilter>,
) {
  const { limit: _limit, cursor: _cursor, ...filter } = query;
  const [{ policies, nextCursor }, view] = await Promise.all([
    coupon.listPolicies({ page: pageOf(query), ...filter, mayLag: mayLag(principal) }),
    viewFor(store, principal),
  ]);
  return { policies: policies.map(view), ...pageJson(nextCursor) };
}

/**
 * The owner of a policy's store and operators see every field of it, everybody else the public fields. Without a principal and for
 * customers no store is looked up.
 */
async function viewFor(store: StoreChecks, principal: Principal | undefined): Promise<(policy: Policy) => PolicyJson> {
  const manager = await managerOf(store, principal && toProto(principal));
  return (policy) => policyJson(policy, managesStore(manager, policy.terms?.storeId));
}
