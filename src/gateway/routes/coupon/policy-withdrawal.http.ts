import type { CouponService } from '../../../contexts/coupon/api.ts';
import { toProto } from '../../auth/principal.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { OnePolicy, ReasonBody } from './coupon-policy.schemas.ts';
import { type JobJson, JobView, jobJson, locationOf, QUEUED_EXAMPLE } from './job.schemas.ts';

export interface PolicyWithdrawalDeps {
  readonly coupon: Pick<CouponService, 'withdrawCoupons'>;
}

export const policyWithdrawalRoutes = ({ coupon }: PolicyWithdrawalDeps): readonly Route[] => [
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
      const message = { principal: toProto(principal), policyId: id, reason, commandKey: call.takeCommandKey() };
      const job = jobJson(call.valueFrom(await coupon.withdrawCoupons(message)));
      reply.header('location', locationOf(job));
      return job;
    },
  }),
];
