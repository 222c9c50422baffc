import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { CouponService, Job, JobErrorList } from '../../../contexts/coupon/api.ts';
import { type Principal, toProto } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { PageFields, PathId, pageOf, pageView } from '../../server/schemas.ts';
import { COUPON_API, JOB_STREAMS } from '../../server/tokens.ts';
import { openEventStream } from '../../streams/event-stream.ts';
import type { JobStreams } from '../../streams/job-streams.ts';
import {
  ERRORS_CSV_EXAMPLE,
  errorLine,
  JOB_ERROR_EXAMPLE,
  JOB_EXAMPLE,
  JobErrorView,
  type JobJson,
  JobView,
  jobJson,
} from './job.schemas.ts';

const BASE = 'api/v1/jobs/:id';
const EDITORS = ['ADMIN', 'OWNER'] as const;
const OneJob = z.strictObject({ id: PathId });
const ErrorsQuery = z.strictObject(PageFields);
const CSV_PAGE = 100;

@ApiTags('jobs')
@Controller()
export class JobsController {
  readonly #coupon: CouponService;
  readonly #streams: JobStreams;

  constructor(@Inject(COUPON_API) coupon: CouponService, @Inject(JOB_STREAMS) streams: JobStreams) {
    this.#coupon = coupon;
    this.#streams = streams;
  }

  @Get(BASE)
  @Operation({
    summary: 'How far is a job?',
    description: 'ADMIN sees every job, OWNER their own.',
    access: EDITORS,
    status: 200,
    response: { schema: JobView, example: JOB_EXAMPLE },
    refusals: ['JOB_NOT_FOUND'],
  })
  async read(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OneJob }) { id }: z.output<typeof OneJob>,
  ): Promise<JobJson> {
    return jobJson(await this.#job(principal, id));
  }

  @Get(`${BASE}/events`)
  @Operation({
    summary: 'Watch a job',
    description: 'Server-sent events named `job`, one at once and one at each change; the stream ends with the job.',
    access: EDITORS,
    status: 200,
    response: {
      schema: z.string(),
      example: `event: job\ndata: ${JSON.stringify(JOB_EXAMPLE)}\n\n`,
      type: 'text/event-stream',
    },
    refusals: ['JOB_NOT_FOUND'],
  })
  async events(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OneJob }) { id }: z.output<typeof OneJob>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.#streams.requireRoom();
    const job = await this.#job(principal, id);
    this.#streams.watch(job, () => this.#job(principal, id), openEventStream(reply));
  }

  @Get(`${BASE}/errors`)
  @Operation({
    summary: 'The rows of a job that could not be done',
    description: 'In order of the rows; the first 10,000 are kept.',
    access: EDITORS,
    status: 200,
    response: {
      schema: pageView('errors', JobErrorView),
      example: { errors: [JOB_ERROR_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['JOB_NOT_FOUND'],
    query: true,
  })
  async errors(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OneJob }) { id }: z.output<typeof OneJob>,
    @Query({ schema: ErrorsQuery }) query: z.output<typeof ErrorsQuery>,
  ) {
    const { errors, nextCursor } = await this.#errors(principal, id, pageOf(query));
    return { errors, nextCursor: nextCursor ?? null, hasMore: nextCursor !== undefined };
  }

  @Get(`${BASE}/errors.csv`)
  @Operation({
    summary: 'The same as CSV',
    access: EDITORS,
    status: 200,
    response: { schema: z.string(), example: ERRORS_CSV_EXAMPLE, type: 'text/csv' },
    refusals: ['JOB_NOT_FOUND'],
  })
  async errorsCsv(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OneJob }) { id }: z.output<typeof OneJob>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    let text = 'row,line,code\r\n';
    // Bounded by the stored errors: 10,000 lines of 200 characters.
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const { errors, nextCursor } = await this.#errors(principal, id, { limit: CSV_PAGE, cursor });
      for (const error of errors) text += errorLine(error);
      cursor = nextCursor;
    }
    reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="job-${id}-errors.csv"`);
    return text;
  }

  async #job(principal: Principal, jobId: bigint): Promise<Job> {
    return valueFrom((await this.#coupon.getJob({ principal: toProto(principal), jobId })).outcome);
  }

  async #errors(
    principal: Principal,
    jobId: bigint,
    page: { readonly limit: number; readonly cursor: string },
  ): Promise<JobErrorList> {
    return valueFrom((await this.#coupon.listJobErrors({ principal: toProto(principal), jobId, page })).outcome);
  }
}
