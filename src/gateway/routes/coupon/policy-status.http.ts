import type { CouponService } from '../../../contexts/coupon/api.ts';
import { type Principal, toProto } from '../../auth/principal.ts';
import type { KeyedCall } from '../../idempotency/keyed-call.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { EmptyBody } from '../../server/schemas.ts';
import { POLICY_EXAMPLE } from './coupon-policy.examples.ts';
import { OnePolicy, type PolicyJson, PolicyView, policyJson, ReasonBody } from './coupon-policy.schemas.ts';

export interface PolicyStatusDeps {
  readonly coupon: Pick<CouponService, 'changePolicyStatus'>;
}

/** Transitions of a policy, and its suspension. */
export const policyStatusRoutes = ({ coupon }: PolicyStatusDeps): readonly Route[] => [
  transition(coupon, 'activate', 'Activate a coupon policy'),
  transition(coupon, 'pause', 'Pause a coupon policy'),
  transition(coupon, 'end', 'End a coupon policy'),
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
    handle: ({ principal, call, params: { id }, body }) =>
      changeStatus(coupon, principal, call, id, 'SUSPEND', body.reason),
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
    handle: ({ principal, call, params: { id } }) => changeStatus(coupon, principal, call, id, 'RESUME'),
  }),
];

const transition = (coupon: PolicyStatusDeps['coupon'], action: 'activate' | 'pause' | 'end', summary: string): Route =>
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
    handle: ({ principal, call, params: { id } }) => changeStatus(coupon, principal, call, id, action.toUpperCase()),
  });

async function changeStatus(
  coupon: PolicyStatusDeps['coupon'],
  principal: Principal,
  call: KeyedCall,
  policyId: bigint,
  transition: string,
  reason?: string,
): Promise<PolicyJson> {
  const commandKey = call.takeCommandKey();
  const request = { principal: toProto(principal), policyId, transition, reason, commandKey };
  return policyJson(call.valueFrom(await coupon.changePolicyStatus(request)), true);
}
