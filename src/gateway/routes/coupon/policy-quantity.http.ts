import { z } from 'zod';
import type { CouponService } from '../../../contexts/coupon/api.ts';
import { toProto } from '../../auth/principal.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { IdText } from '../../server/schemas.ts';
import { OnePolicy, POLICIES_PATHS, QuantityBody } from './coupon-policy.schemas.ts';

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

export interface PolicyQuantityDeps {
  readonly coupon: Pick<CouponService, 'setQuantity'>;
}

export const policyQuantityRoutes = ({ coupon }: PolicyQuantityDeps): readonly Route[] => [
  route({
    id: 'setCouponPolicyQuantity',
    tag: 'coupon policies',
    method: 'PATCH',
    paths: POLICIES_PATHS.map((base) => `${base}/:id/remaining-quantity`),
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
      const change = { principal: toProto(principal), policyId: id, ...body, commandKey: call.takeCommandKey() };
      const { policyId, previousMaxIssueCount, newMaxIssueCount, currentIssuedCount, remainingCount } = call.valueFrom(
        await coupon.setQuantity(change),
      );
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
