import type { CouponService } from '../../../contexts/coupon/api.ts';
import { toProto } from '../../auth/principal.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { POLICY_BODY_EXAMPLE, POLICY_EXAMPLE } from './coupon-policy.examples.ts';
import {
  CloneBody,
  OnePolicy,
  POLICIES_PATHS,
  PolicyBody,
  type PolicyJson,
  PolicyUpdateBody,
  PolicyView,
  policyJson,
  termsOf,
} from './coupon-policy.schemas.ts';

export interface PolicyTermsDeps {
  readonly coupon: Pick<CouponService, 'createPolicy' | 'updatePolicy' | 'clonePolicy'>;
}

/** Policies get their terms: a new one, a changed one, and a copy. */
export const policyTermsRoutes = ({ coupon }: PolicyTermsDeps): readonly Route[] => [
  route({
    id: 'createCouponPolicy',
    tag: 'coupon policies',
    method: 'POST',
    paths: [...POLICIES_PATHS, '/api/v1/admin/coupon-policies'],
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
      const commandKey = call.takeCommandKey();
      const created = { principal: toProto(principal), terms: termsOf(terms), commandKey };
      return policyJson(call.valueFrom(await coupon.createPolicy(created)), true);
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
      const { version, applyToIssued } = body;
      const commandKey = call.takeCommandKey();
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
      const message = { principal: toProto(principal), policyId: id, ...own, commandKey: call.takeCommandKey() };
      return policyJson(call.valueFrom(await coupon.clonePolicy(message)), true);
    },
  }),
];
