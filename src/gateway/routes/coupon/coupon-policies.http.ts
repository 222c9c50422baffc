import { Body, Controller, Get, Inject, Param, Patch, Post, Put, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CouponService } from '../../../contexts/coupon/api.ts';
import { type Principal, toProto } from '../../auth/principal.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import { valueFrom } from '../../problems/problem.ts';
import { Operation, type OperationSpec } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { EmptyBody, IdText, PageFields, PathId, pageOf, pageView } from '../../server/schemas.ts';
import { COUPON_API } from '../../server/tokens.ts';
import { POLICY_BODY_EXAMPLE, POLICY_EXAMPLE } from './coupon-policy.examples.ts';
import {
  DISTRIBUTION_TYPES,
  POLICY_STATUSES,
  PolicyBody,
  type PolicyJson,
  PolicyUpdateBody,
  PolicyView,
  policyJson,
  QuantityBody,
  termsOf,
} from './coupon-policy.schemas.ts';

const BASES = ['api/v1/coupon-policies', 'api/coupon-policies'];
const EDITORS = ['ADMIN', 'OWNER'] as const;
const OnePolicy = z.strictObject({ id: PathId });
const PolicyFilter = z.strictObject({
  ...PageFields,
  status: z.enum(POLICY_STATUSES).optional(),
  distributionType: z.enum(DISTRIBUTION_TYPES).optional(),
  storeId: PathId.optional(),
});
const QuantityView = z.strictObject({
  couponPolicyId: IdText,
  previousMaxIssueCount: z.int().nullable(),
  newMaxIssueCount: z.int(),
  currentIssuedCount: z.int(),
  remainingCount: z.int(),
  success: z.boolean(),
});

const transition = (summary: string, status: string): OperationSpec => ({
  summary,
  description: 'Repeating a transition returns the current state.',
  access: EDITORS,
  status: 200,
  response: { schema: PolicyView, example: { ...POLICY_EXAMPLE, status, version: 2 } },
  bodyExample: {},
  refusals: ['POLICY_NOT_FOUND', 'POLICY_INACTIVE', 'POLICY_ENDED'],
  idempotent: true,
});

/** Editors see every field of a policy, others the public fields. Optional, because these routes need no token. */
const seesAll = (request: FastifyRequest): boolean =>
  request.principal !== undefined && ['ADMIN', 'OWNER', 'SERVICE'].includes(request.principal.role);

@ApiTags('coupon policies')
@Controller()
export class CouponPoliciesController {
  readonly #coupon: CouponService;

  constructor(@Inject(COUPON_API) coupon: CouponService) {
    this.#coupon = coupon;
  }

  @Post([...BASES, 'api/v1/admin/coupon-policies'])
  @Operation({
    summary: 'Create a coupon policy',
    description: 'It starts PENDING and becomes ACTIVE at validFrom, or when it is activated.',
    access: EDITORS,
    status: 201,
    response: { schema: PolicyView, example: POLICY_EXAMPLE },
    bodyExample: POLICY_BODY_EXAMPLE,
    refusals: ['DUPLICATE_COUPON_CODE'],
    idempotent: true,
  })
  async create(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Body({ schema: PolicyBody }) terms: z.output<typeof PolicyBody>,
  ): Promise<PolicyJson> {
    const { commandKey } = call;
    const created = { principal: toProto(principal), terms: termsOf(terms), commandKey };
    return policyJson(call.valueFrom(await this.#coupon.createPolicy(created)), true);
  }

  @Get(BASES)
  @Operation({
    summary: 'List coupon policies',
    access: 'ANYBODY',
    status: 200,
    response: {
      schema: pageView('policies', PolicyView),
      example: { policies: [POLICY_EXAMPLE], nextCursor: null, hasMore: false },
    },
    query: true,
  })
  async list(@Req() request: FastifyRequest, @Query({ schema: PolicyFilter }) query: z.output<typeof PolicyFilter>) {
    const { limit: _limit, cursor: _cursor, ...filter } = query;
    const { policies, nextCursor } = await this.#coupon.listPolicies({ page: pageOf(query), ...filter });
    return {
      policies: policies.map((policy) => policyJson(policy, seesAll(request))),
      nextCursor: nextCursor ?? null,
      hasMore: nextCursor !== undefined,
    };
  }

  @Get(BASES.map((base) => `${base}/:id`))
  @Operation({
    summary: 'Read a coupon policy',
    access: 'ANYBODY',
    status: 200,
    response: { schema: PolicyView, example: POLICY_EXAMPLE },
    refusals: ['POLICY_NOT_FOUND'],
  })
  async read(
    @Req() request: FastifyRequest,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
  ): Promise<PolicyJson> {
    const { outcome } = await this.#coupon.getPolicy({ policyId: id });
    return policyJson(valueFrom(outcome), seesAll(request));
  }

  @Put('api/v1/admin/coupon-policies/:id')
  @Operation({
    summary: 'Change a coupon policy',
    description:
      'All fields are given anew. `version` is the one that was read: if somebody else changed the policy since, nothing is changed.',
    access: EDITORS,
    status: 200,
    response: { schema: PolicyView, example: { ...POLICY_EXAMPLE, version: 2 } },
    bodyExample: { ...POLICY_BODY_EXAMPLE, version: 1 },
    refusals: ['POLICY_NOT_FOUND', 'POLICY_ENDED', 'OPTIMISTIC_LOCK_FAILURE', 'DUPLICATE_COUPON_CODE'],
    idempotent: true,
  })
  async update(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
    @Body({ schema: PolicyUpdateBody }) body: z.output<typeof PolicyUpdateBody>,
  ): Promise<PolicyJson> {
    const [{ commandKey }, { version }] = [call, body];
    const change = { principal: toProto(principal), policyId: id, version, terms: termsOf(body), commandKey };
    return policyJson(call.valueFrom(await this.#coupon.updatePolicy(change)), true);
  }

  @Post('api/v1/admin/coupon-policies/:id/activate')
  @Operation(transition('Activate a coupon policy', 'ACTIVE'))
  async activate(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
    @Body({ schema: EmptyBody }) _body: unknown,
  ): Promise<PolicyJson> {
    return await this.#change(principal, call, id, 'ACTIVATE');
  }

  @Post('api/v1/admin/coupon-policies/:id/pause')
  @Operation(transition('Pause a coupon policy', 'PAUSED'))
  async pause(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
    @Body({ schema: EmptyBody }) _body: unknown,
  ): Promise<PolicyJson> {
    return await this.#change(principal, call, id, 'PAUSE');
  }

  @Post('api/v1/admin/coupon-policies/:id/end')
  @Operation(transition('End a coupon policy', 'ENDED'))
  async end(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
    @Body({ schema: EmptyBody }) _body: unknown,
  ): Promise<PolicyJson> {
    return await this.#change(principal, call, id, 'END');
  }

  async #change(
    principal: Principal,
    call: KeyedCall,
    policyId: bigint,
    transition: 'ACTIVATE' | 'PAUSE' | 'END',
  ): Promise<PolicyJson> {
    const change = { principal: toProto(principal), policyId, transition, commandKey: call.commandKey };
    return policyJson(call.valueFrom(await this.#coupon.changePolicyStatus(change)), true);
  }

  @Patch(BASES.map((base) => `${base}/:id/remaining-quantity`))
  @Operation({
    summary: 'Set how many coupons a policy may issue',
    description: 'A limit below the number of issued coupons is refused, and nothing changes.',
    access: EDITORS,
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
  })
  async setQuantity(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
    @Body({ schema: QuantityBody }) body: z.output<typeof QuantityBody>,
  ): Promise<z.input<typeof QuantityView>> {
    const change = { principal: toProto(principal), policyId: id, ...body, commandKey: call.commandKey };
    const { policyId, previousMaxIssueCount, newMaxIssueCount, currentIssuedCount, remainingCount } = call.valueFrom(
      await this.#coupon.setQuantity(change),
    );
    return {
      couponPolicyId: String(policyId),
      previousMaxIssueCount: previousMaxIssueCount ?? null,
      newMaxIssueCount,
      currentIssuedCount,
      remainingCount,
      success: true,
    };
  }
}
