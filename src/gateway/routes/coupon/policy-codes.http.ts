import { Readable } from 'node:stream';
import { Body, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CodeList, CouponService } from '../../../contexts/coupon/api.ts';
import { type Principal, toProto } from '../../auth/principal.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import { valueFrom } from '../../problems/problem.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { PathId } from '../../server/schemas.ts';
import { COUPON_API } from '../../server/tokens.ts';
import { uploadJob } from '../../uploads/upload-job.ts';
import { CODES_CSV_EXAMPLE, codesCsv, GenerateBody } from './coupon-code.schemas.ts';
import { JOB_EXAMPLE, type JobJson, JobView, jobJson } from './job.schemas.ts';

const BASES = ['api/v1/coupon-policies', 'api/coupon-policies'];
const below = (tail: string): string[] => BASES.map((base) => `${base}/:id/${tail}`);
const EDITORS = ['ADMIN', 'OWNER'] as const;
const OnePolicy = z.strictObject({ id: PathId });
const QUEUED: JobJson = {
  ...JOB_EXAMPLE,
  status: 'QUEUED',
  done: 0,
  failed: 0,
  startedAt: null,
  estimatedFinishAt: null,
};
/** 5,000 codes are some 200 kB of CSV: the memory of an export, whatever its length. */
const PAGE = 5_000;

@ApiTags('coupon policies')
@Controller()
export class PolicyCodesController {
  readonly #coupon: CouponService;

  constructor(@Inject(COUPON_API) coupon: CouponService) {
    this.#coupon = coupon;
  }

  @Post(below('codes'))
  @Operation({
    summary: 'Make unique codes of a CODE policy, as a job',
    description:
      'Each code issues one coupon. It has at least 64 random bits and a last symbol that checks the others. Location names the job.',
    access: EDITORS,
    status: 202,
    response: { schema: JobView, example: { ...QUEUED, kind: 'GENERATE_CODES' } },
    bodyExample: { count: 1_000_000, prefix: 'VIP-', pattern: '#####-#####-####' },
    refusals: ['POLICY_NOT_FOUND', 'COUPON_NOT_AVAILABLE'],
    idempotent: true,
  })
  async generate(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
    @Body({ schema: GenerateBody }) body: z.output<typeof GenerateBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobJson> {
    const message = { principal: toProto(principal), policyId: id, ...body, commandKey: call.commandKey };
    const job = jobJson(call.valueFrom(await this.#coupon.generateCodes(message)));
    reply.header('location', `/api/v1/jobs/${job.jobId}`);
    return job;
  }

  @Post(below('codes.csv'))
  @Operation({
    summary: 'Import unique codes from a CSV file, as a job',
    description:
      'The first column holds codes; a header line may name it code. Codes that exist already and lines that are none are among the errors of the job.',
    access: EDITORS,
    status: 202,
    response: { schema: JobView, example: { ...QUEUED, kind: 'IMPORT_CODES' } },
    upload: 'code\r\n7K3WQ-M9T2B-XR4Z\r\nCARD-000123\r\n',
    refusals: ['POLICY_NOT_FOUND', 'COUPON_NOT_AVAILABLE'],
    idempotent: true,
  })
  async import(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobJson> {
    const begun = { principal: toProto(principal), kind: 'IMPORT_CODES', policyId: id };
    return await uploadJob(this.#coupon, begun, ['code', 'codes', 'couponcode'], call, request, reply);
  }

  @Get(below('codes.csv'))
  @Operation({
    summary: 'The unique codes of a policy and who redeemed them',
    description:
      'CSV in order of their making, streamed. What a spreadsheet would take for a formula is marked as text.',
    access: EDITORS,
    status: 200,
    response: { schema: z.string(), example: CODES_CSV_EXAMPLE, type: 'text/csv' },
    refusals: ['POLICY_NOT_FOUND', 'COUPON_NOT_AVAILABLE'],
  })
  async export(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OnePolicy }) { id }: z.output<typeof OnePolicy>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const page = async (cursor: string): Promise<CodeList> => {
      const message = { principal: toProto(principal), policyId: id, page: { limit: PAGE, cursor } };
      return valueFrom((await this.#coupon.listCodes(message)).outcome);
    };
    // Read before the response begins, so that a refusal is still a problem document.
    const first = await page('');
    await reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="codes-${id}.csv"`)
      .send(Readable.from(codesCsv(first, page)));
  }
}
