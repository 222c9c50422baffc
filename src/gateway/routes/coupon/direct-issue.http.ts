import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CouponService, DirectIssueResult } from '../../../contexts/coupon/api.ts';
import { type Principal, toProto } from '../../auth/principal.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { BodyId, IdText, PathId, requiredText } from '../../server/schemas.ts';
import { COUPON_API } from '../../server/tokens.ts';
import { uploadJob } from '../../uploads/upload-job.ts';
import { JOB_EXAMPLE, type JobJson, JobView } from './job.schemas.ts';

const USERS_MAX = 10_000;
const EDITORS = ['ADMIN', 'OWNER'] as const;
const OnePolicy = z.strictObject({ id: PathId });

const DirectIssueBody = z.strictObject({
  couponPolicyId: BodyId,
  userIds: z.array(BodyId).min(1).max(USERS_MAX),
  issuedBy: requiredText(100).meta({ description: 'Who issues, for the record' }),
});
const ResultView = z.strictObject({
  userId: IdText,
  couponId: IdText.nullable().meta({ description: 'What the user has: issued now, or before' }),
  status: z.enum(['ISSUED', 'REFUSED']),
  code: z.string().nullable().meta({ description: 'REFUSED: why, an error code' }),
});
const DirectIssueView = z.strictObject({
  totalRequested: z.int(),
  successCount: z.int(),
  failureCount: z.int(),
  results: z.array(ResultView).meta({ description: 'One for each user id, in their order' }),
});

const EXAMPLE: z.input<typeof DirectIssueView> = {
  totalRequested: 2,
  successCount: 1,
  failureCount: 1,
  results: [
    { userId: '42', couponId: '7330011234567892', status: 'ISSUED', code: null },
    { userId: '43', couponId: '7330011234560001', status: 'REFUSED', code: 'COUPON_ALREADY_ISSUED' },
  ],
};

@ApiTags('coupons')
@Controller()
export class DirectIssueController {
  readonly #coupon: CouponService;

  constructor(@Inject(COUPON_API) coupon: CouponService) {
    this.#coupon = coupon;
  }

  @Post(['api/v1/coupons/direct-issue', 'api/coupons/direct-issue'])
  @Operation({
    summary: 'Issue coupons of a DIRECT policy to a list of users',
    description: `Up to ${USERS_MAX} users; each is decided by itself, so some may be refused. For more, upload a CSV.`,
    access: EDITORS,
    status: 201,
    response: { schema: DirectIssueView, example: EXAMPLE },
    bodyExample: { couponPolicyId: '7330011234567890', userIds: ['42', '43'], issuedBy: 'jane' },
    refusals: ['POLICY_NOT_FOUND', 'COUPON_NOT_AVAILABLE'],
    idempotent: true,
  })
  async directIssue(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Body({ schema: DirectIssueBody }) { couponPolicyId, userIds, issuedBy }: z.output<typeof DirectIssueBody>,
  ): Promise<z.input<typeof DirectIssueView>> {
    const { commandKey } = call;
    const message = { principal: toProto(principal), policyId: couponPolicyId, userIds, issuedBy, commandKey };
    const { results } = call.valueFrom(await this.#coupon.directIssue(message));
    const successCount = results.filter(({ code }) => code === undefined).length;
    return {
      totalRequested: results.length,
      successCount,
      failureCount: results.length - successCount,
      results: results.map(resultJson),
    };
  }

  @Post(['api/v1/coupon-policies/:id/direct-issue.csv', 'api/coupon-policies/:id/direct-issue.csv'])
  @Operation({
    summary: 'Issue coupons of a DIRECT policy to the users of a CSV file, as a job',
    description:
      'The first column holds user ids; a header line may name it userId. At most 100 MB, also when packed by gzip.',
    access: EDITORS,
    status: 202,
    response: { schema: JobView, example: { ...JOB_EXAMPLE, status: 'QUEUED', done: 0, failed: 0, startedAt: null } },
    upload: 'userId\r\n42\r\n43\r\n',
    refusals: ['POLICY_NOT_FOUND', 'COUPON_NOT_AVAILABLE'],
    idempotent: true,
  })
  async directIssueCsv(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobJson> {
    const begun = { principal: toProto(principal), kind: 'DIRECT_ISSUE', policyId: id };
    return await uploadJob(this.#coupon, begun, ['userid', 'user', 'id'], call, request, reply);
  }
}

const resultJson = ({ userId, couponId, code }: DirectIssueResult): z.input<typeof ResultView> => ({
  userId: String(userId),
  couponId: couponId === undefined ? null : String(couponId),
  status: code === undefined ? 'ISSUED' : 'REFUSED',
  code: code ?? null,
});
