import { z } from 'zod';
import type { CouponService, Policy } from '../../../contexts/coupon/api.ts';
import { managerOf, managesStore, type StoreChecks, type StoreService } from '../../../contexts/store/api.ts';
import { mayLag, type Principal, toProto } from '../../auth/principal.ts';
import type { KeyedCall } from '../../idempotency/keyed-call.ts';
import { valueFrom } from '../../problems/problem.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { EmptyBody, IdText, PageFields, PathId, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import { POLICY_BODY_EXAMPLE, POLICY_EXAMPLE } from './coupon-policy.examples.ts';
import {
  CloneBody,
  DistributionType,
  PolicyBody,
  type PolicyJson,
  PolicyStatus,
  PolicyUpdateBody,
  PolicyView,
  policyJson,
  QuantityBody,
  ReasonBody,
  termsOf,
} from './coupon-policy.schemas.ts';
import { type JobJson, JobView, jobJson, locationOf, QUEUED_EXAMPLE } from './job.schemas.ts';

const BASES = ['/api/v1/coupon-policies', '/api/coupon-policies'];
const OnePolicy = z.strictObject({ id: PathId });
const StorePolicyFilter = z.strictObject({
  ...PageFields,
  status: PolicyStatus.optional(),
  distributionType: DistributionType.optional(),
});
const PolicyFilter = StorePolicyFilter.extend({ storeId: PathId.optional() });
const QuantityView = z
  .strictObject({
    couponPolicyId: IdText,
    previousMaxIssueCount: z.int().nullable(),
    newMaxIssueCount: z.int(),
    currentIssuedCount: z.int(),
    remainingCount: z.int(),
    success: z.boolean(),
  })
  .meta({ id: 'CouponPolicyQuantity' });

export interface CouponPoliciesDeps {
  readonly coupon: CouponService;
  readonly store: StoreChecks & Pick<StoreService, 'getStore'>;
}

export function couponPoliciesRoutes({ coupon, store }: CouponPoliciesDeps): readonly Route[] {
  /**
   * The owner of a policy's store and operators see every field of it, everybody else the public fields. Without a principal and for
   * customers no store is looked up.
   */
  async function toView(principal: Principal | undefined): Promise<(policy: Policy) => PolicyJson> {
    const manager = await managerOf(store, principal && toProto(principal));
    return (policy) => policyJson(policy, managesStore(manager, policy.terms?.storeId));
  }

  async function list(principal: Principal | undefined, query: z.output<typeof PolicyFilter>) {
    const { limit: _limit, cursor: _cursor, ...filter } = query;
    const [{ policies, nextCursor }, view] = await Promise.all([
      coupon.listPolicies({ page: pageOf(query), ...filter, mayLag: mayLag(principal) }),
      toView(principal),
    ]);
    return {
      policies: policies.map(view),
      ...pageJson(nextCursor),
    };
  }

  async function change(
    principal: Principal,
    call: KeyedCall,
    policyId: bigint,
    transition: string,
    reason?: string,
  ): Promise<PolicyJson> {
    const { commandKey } = call;
    const request = { principal: toProto(principal), policyId, transition, reason, commandKey };
    return policyJson(call.valueFrom(await coupon.changePolicyStatus(request)), true);
  }

  const transition = (action: 'activate' | 'pause' | 'end', summary: string): Route =>
    route({
      id: `${action}CouponPolicy`,
      tag: 'coupon policies',
      method: 'POST',
      paths: [`/api/v1/admin/coupon-policies/:id/${action}`],
      summary,
      description: 'Repeating a transition returns the current state.',
      access: MANAGERS,
      scope: 'policies:write',
      status: 200,
      response: { schema: PolicyView, example: POLICY_EXAMPLE },
      params: OnePolicy,
      body: EmptyBody,
      bodyExample: {},
      refusals: ['POLICY_NOT_FOUND', 'POLICY_INACTIVE', 'POLICY_ENDED'],
      idempotent: true,
      handle: ({ principal, call, params: { id } }) => change(principal, call, id, action.toUpperCase()),
    });

  return [
    route({
      id: 'createCouponPolicy',
      tag: 'coupon policies',
      method: 'POST',
      paths: [...BASES, '/api/v1/admin/coupon-policies'],
      summary: 'Create a coupon policy',
      description:
        'It starts PENDING and becomes ACTIVE at validFrom, or when it is activated. With a storeId it is of that store, which must be ' +
        'OPEN, and ends when the store is closed. An OWNER names a store of theirs; policies of the whole platform and EVENT policies ' +
        'are for ADMIN.',
      access: MANAGERS,
      scope: 'policies:write',
      status: 201,
      response: { schema: PolicyView, example: POLICY_EXAMPLE },
      bodyExample: POLICY_BODY_EXAMPLE,
      refusals: ['DUPLICATE_COUPON_CODE', 'STORE_NOT_FOUND', 'STORE_NOT_OPEN'],
      idempotent: true,
      body: PolicyBody,
      async handle({ principal, call, body: terms }): Promise<PolicyJson> {
        const { commandKey } = call;
        const created = { principal: toProto(principal), terms: termsOf(terms), commandKey };
        return policyJson(call.valueFrom(await coupon.createPolicy(created)), true);
      },
    }),
    route({
      id: 'listCouponPolicies',
      tag: 'coupon policies',
      method: 'GET',
      paths: BASES,
      summary: 'List coupon policies',
      description:
        'Codes and other fields for editors are shown to ADMIN, and to the OWNER of the store of the policy.',
      access: 'ANYBODY',
      sharedBy: 'CUSTOMERS',
      scope: 'policies:read',
      status: 200,
      response: {
        schema: pageView('policies', PolicyView).meta({ id: 'CouponPolicyList' }),
        example: { policies: [POLICY_EXAMPLE], nextCursor: null, hasMore: false },
      },
      query: PolicyFilter,
      handle: ({ principal, query }) => list(principal, query),
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
      response: {
        schema: pageView('policies', PolicyView).meta({ id: 'CouponPolicyList' }),
        example: { policies: [POLICY_EXAMPLE], nextCursor: null, hasMore: false },
      },
      refusals: ['STORE_NOT_FOUND'],
      params: OnePolicy,
      query: StorePolicyFilter,
      async handle({ principal, params: { id: storeId }, query }) {
        valueFrom((await store.getStore({ storeId, principal: principal && toProto(principal) })).outcome);
        return await list(principal, { ...query, storeId });
      },
    }),
    route({
      id: 'getCouponPolicy',
      tag: 'coupon policies',
      method: 'GET',
      paths: BASES.map((base) => `${base}/:id`),
      summary: 'Read a coupon policy',
      description:
        'Codes and other fields for editors are shown to ADMIN, and to the OWNER of the store of the policy.',
      access: 'ANYBODY',
      sharedBy: 'CUSTOMERS',
      scope: 'policies:read',
      status: 200,
      response: { schema: PolicyView, example: POLICY_EXAMPLE },
      refusals: ['POLICY_NOT_FOUND'],
      params: OnePolicy,
      async handle({ principal, params: { id } }): Promise<PolicyJson> {
        const [{ outcome }, view] = await Promise.all([coupon.getPolicy({ policyId: id }), toView(principal)]);
        return view(valueFrom(outcome));
      },
    }),
    route({
      id: 'updateCouponPolicy',
      tag: 'coupon policies',
      method: 'PUT',
      paths: ['/api/v1/admin/coupon-policies/:id'],
      summary: 'Change a coupon policy',
      description:
        'Replaces all fields. `version` is the one that was read: nothing is changed when the policy was changed in ' +
        'the meantime. Issued coupons keep discount, minimum, cap and store as they were issued, unless ' +
        '`applyToIssued`.',
      access: MANAGERS,
      scope: 'policies:write',
      status: 200,
      response: { schema: PolicyView, example: POLICY_EXAMPLE },
      bodyExample: { ...POLICY_BODY_EXAMPLE, version: 1, applyToIssued: false },
      refusals: [
        'POLICY_NOT_FOUND',
        'POLICY_ENDED',
        'OPTIMISTIC_LOCK_FAILURE',
        'CONCURRENT_MODIFICATION',
        'DUPLICATE_COUPON_CODE',
        'STORE_NOT_FOUND',
        'STORE_NOT_OPEN',
      ],
      idempotent: true,
      params: OnePolicy,
      body: PolicyUpdateBody,
      async handle({ principal, call, params: { id }, body }): Promise<PolicyJson> {
        const [{ commandKey }, { version, applyToIssued }] = [call, body];
        const terms = termsOf(body);
        const change = { principal: toProto(principal), policyId: id, version, terms, applyToIssued, commandKey };
        return policyJson(call.valueFrom(await coupon.updatePolicy(change)), true);
      },
    }),
    route({
      id: 'cloneCouponPolicy',
      tag: 'coupon policies',
      method: 'POST',
      paths: ['/api/v1/admin/coupon-policies/:id/clone'],
      summary: 'Clone a coupon policy',
      description:
        'A new policy with the terms of this one, and without its coupons, codes and changes. It is PAUSED: it issues nothing before it is ' +
        'activated. It has the window of the policy, unless the request gives another one, which a policy whose window is over needs; and no ' +
        'code, unless the request gives one.',
      access: MANAGERS,
      scope: 'policies:write',
      status: 201,
      response: {
        schema: PolicyView,
        example: POLICY_EXAMPLE,
      },
      bodyExample: {
        name: 'Opening day, again',
        validFrom: '2036-01-01T10:00:00Z',
        validUntil: '2036-02-01T10:00:00Z',
      },
      refusals: ['POLICY_NOT_FOUND', 'DUPLICATE_COUPON_CODE', 'STORE_NOT_FOUND', 'STORE_NOT_OPEN'],
      idempotent: true,
      params: OnePolicy,
      body: CloneBody,
      async handle({ principal, call, params: { id }, body = {} }): Promise<PolicyJson> {
        const { name, code, validFrom, validUntil, expireAt } = body;
        const own = { name, code, validFrom, validUntil, expireAt };
        const message = { principal: toProto(principal), policyId: id, ...own, commandKey: call.commandKey };
        return policyJson(call.valueFrom(await coupon.clonePolicy(message)), true);
      },
    }),
    transition('activate', 'Activate a coupon policy'),
    transition('pause', 'Pause a coupon policy'),
    transition('end', 'End a coupon policy'),
    route({
      id: 'suspendCouponPolicy',
      tag: 'coupon policies',
      method: 'POST',
      paths: ['/api/v1/admin/coupon-policies/:id/suspend'],
      summary: 'Suspend a coupon policy',
      description:
        'Nothing of it can be issued, reserved or used until it is resumed, also coupons that customers hold. What is ' +
        'reserved already is confirmed by its payment. It holds on every node within a second.',
      access: MANAGERS,
      scope: 'policies:write',
      status: 200,
      response: {
        schema: PolicyView,
        example: { ...POLICY_EXAMPLE, suspended: true, suspensionReason: 'The discount is wrong', version: 2 },
      },
      params: OnePolicy,
      body: ReasonBody,
      bodyExample: { reason: 'The discount is wrong' },
      refusals: ['POLICY_NOT_FOUND'],
      idempotent: true,
      handle: ({ principal, call, params: { id }, body }) => change(principal, call, id, 'SUSPEND', body.reason),
    }),
    route({
      id: 'resumeCouponPolicy',
      tag: 'coupon policies',
      method: 'POST',
      paths: ['/api/v1/admin/coupon-policies/:id/resume'],
      summary: 'Lift the suspension of a coupon policy',
      description: 'Its status was kept meanwhile.',
      access: MANAGERS,
      scope: 'policies:write',
      status: 200,
      response: { schema: PolicyView, example: POLICY_EXAMPLE },
      params: OnePolicy,
      body: EmptyBody,
      bodyExample: {},
      refusals: ['POLICY_NOT_FOUND'],
      idempotent: true,
      handle: ({ principal, call, params: { id } }) => change(principal, call, id, 'RESUME'),
    }),
    route({
      id: 'withdrawIssuedCoupons',
      tag: 'coupon policies',
      method: 'POST',
      paths: ['/api/v1/admin/coupon-policies/:id/withdraw'],
      summary: 'Withdraw the issued coupons of a policy, as a job',
      description:
        'All that are issued and not used. A reserved coupon is left, and is one of the errors of the job: its row is its sequence ' +
        'number. What is issued meanwhile is not withdrawn, so suspend or end the policy first. Location is the address of the job.',
      access: MANAGERS,
      scope: 'policies:write',
      status: 202,
      location: true,
      response: { schema: JobView, example: { ...QUEUED_EXAMPLE, kind: 'WITHDRAW_COUPONS' } },
      params: OnePolicy,
      body: ReasonBody,
      bodyExample: { reason: 'The discount is wrong' },
      refusals: ['POLICY_NOT_FOUND'],
      idempotent: true,
      async handle({ principal, call, params: { id }, body: { reason }, reply }): Promise<JobJson> {
        const message = { principal: toProto(principal), policyId: id, reason, commandKey: call.commandKey };
        const job = jobJson(call.valueFrom(await coupon.withdrawCoupons(message)));
        reply.header('location', locationOf(job));
        return job;
      },
    }),
    route({
      id: 'setCouponPolicyQuantity',
      tag: 'coupon policies',
      method: 'PATCH',
      paths: BASES.map((base) => `${base}/:id/remaining-quantity`),
      summary: 'Set how many coupons a policy may issue',
      description: 'A limit below the number of issued coupons is refused, and nothing changes.',
      access: MANAGERS,
      scope: 'policies:write',
      status: 200,
      response: {
        schema: QuantityView,
        example: {
          couponPolicyId: '7330011234567890',
          previousMaxIssueCount: 10000,
          newMaxIssueCount: 12000,
          currentIssuedCount: 10000,
          remainingCount: 2000,
          success: true,
        },
      },
      bodyExample: { newMaxIssueCount: 12000, modifiedBy: 'jane', reason: 'The sponsor added 2,000' },
      refusals: ['POLICY_NOT_FOUND', 'POLICY_ENDED', 'CONCURRENT_MODIFICATION'],
      idempotent: true,
      params: OnePolicy,
      body: QuantityBody,
      async handle({ principal, call, params: { id }, body }): Promise<z.input<typeof QuantityView>> {
        const change = { principal: toProto(principal), policyId: id, ...body, commandKey: call.commandKey };
        const { policyId, previousMaxIssueCount, newMaxIssueCount, currentIssuedCount, remainingCount } =
          call.valueFrom(await coupon.setQuantity(change));
        return {
          couponPolicyId: String(policyId),
          previousMaxIssueCount: previousMaxIssueCount ?? null,
          newMaxIssueCount,
          currentIssuedCount,
          remainingCount,
          success: true,
        };
      },
    }),
  ];
}
