import { z } from 'zod';
import type { CouponService, Job, JobErrorList } from '../../../contexts/coupon/api.ts';
import { type Principal, toProto } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { PageFields, PathId, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import { openEventStream } from '../../streams/event-stream.ts';
import type { JobStreams } from '../../streams/job-streams.ts';
import type { StreamPlaces } from '../../streams/stream-places.ts';
import {
  ERRORS_CSV_EXAMPLE,
  ERRORS_CSV_HEADER,
  errorLine,
  JOB_ERROR_EXAMPLE,
  JOB_EXAMPLE,
  JobErrorView,
  type JobJson,
  JobView,
  jobJson,
} from './job.schemas.ts';

const BASE = '/api/v1/jobs/:id';
const OneJob = z.strictObject({ id: PathId });
const ErrorsQuery = z.strictObject(PageFields);
const CSV_PAGE = 100;

export function jobsRoutes({
  coupon,
  jobStreams,
  streamPlaces,
}: {
  readonly coupon: CouponService;
  readonly jobStreams: JobStreams;
  readonly streamPlaces: StreamPlaces;
}): readonly Route[] {
  async function findJob(principal: Principal, jobId: bigint): Promise<Job> {
    return valueFrom((await coupon.getJob({ principal: toProto(principal), jobId })).outcome);
  }
  async function listErrors(
    principal: Principal,
    jobId: bigint,
    page: { readonly limit: number; readonly cursor: string },
  ): Promise<JobErrorList> {
    return valueFrom((await coupon.listJobErrors({ principal: toProto(principal), jobId, page })).outcome);
  }

  return [
    route({
      id: 'getJob',
      tag: 'jobs',
      method: 'GET',
      paths: [BASE],
      summary: 'Read the state of a job',
      description: 'ADMIN sees every job, OWNER their own.',
      access: MANAGERS,
      scope: 'policies:read',
      status: 200,
      response: { schema: JobView, example: JOB_EXAMPLE },
      refusals: ['JOB_NOT_FOUND'],
      params: OneJob,
      async handle({ principal, params: { id } }): Promise<JobJson> {
        return jobJson(await findJob(principal, id));
      },
    }),
    route({
      id: 'streamJob',
      tag: 'jobs',
      method: 'GET',
      paths: [`${BASE}/events`],
      summary: 'Watch a job',
      description:
        'Server-sent events named `job`, one at once and one after each change. The stream ends with the job.',
      access: MANAGERS,
      scope: 'policies:read',
      status: 200,
      response: {
        schema: z.string(),
        example: `event: job\ndata: ${JSON.stringify(JOB_EXAMPLE)}\n\n`,
        type: 'text/event-stream',
      },
      refusals: ['JOB_NOT_FOUND'],
      sendsResponse: true,
      params: OneJob,
      async handle({ principal, params: { id }, request, reply }): Promise<void> {
        streamPlaces.take(principal, request, reply);
        jobStreams.requireRoom();
        const read = async (): Promise<JobJson> => jobJson(await findJob(principal, id));
        jobStreams.watch(await read(), read, openEventStream(reply));
      },
    }),
    route({
      id: 'listJobErrors',
      tag: 'jobs',
      method: 'GET',
      paths: [`${BASE}/errors`],
      summary: 'List the failed rows of a job',
      description: 'In order of the rows; the first 10,000 are kept.',
      access: MANAGERS,
      scope: 'policies:read',
      status: 200,
      response: {
        schema: pageView('errors', JobErrorView).meta({ id: 'JobErrorList' }),
        example: { errors: [JOB_ERROR_EXAMPLE], nextCursor: null, hasMore: false },
      },
      refusals: ['JOB_NOT_FOUND'],
      params: OneJob,
      query: ErrorsQuery,
      async handle({ principal, params: { id }, query }) {
        const { errors, nextCursor } = await listErrors(principal, id, pageOf(query));
        return { errors, ...pageJson(nextCursor) };
      },
    }),
    route({
      id: 'exportJobErrors',
      tag: 'jobs',
      method: 'GET',
      paths: [`${BASE}/errors.csv`],
      summary: 'Export the failed rows of a job as CSV',
      access: MANAGERS,
      scope: 'policies:read',
      status: 200,
      response: { schema: z.string(), example: ERRORS_CSV_EXAMPLE, type: 'text/csv' },
      refusals: ['JOB_NOT_FOUND'],
      params: OneJob,
      async handle({ principal, params: { id }, reply }): Promise<string> {
        let text = ERRORS_CSV_HEADER;
        // Bounded by the stored errors: 10,000 lines of 200 characters.
        for (let cursor: string | undefined = ''; cursor !== undefined; ) {
          const { errors, nextCursor } = await listErrors(principal, id, { limit: CSV_PAGE, cursor });
          for (const error of errors) text += errorLine(error);
          cursor = nextCursor;
        }
        reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="job-${id}-errors.csv"`);
        return text;
      },
    }),
  ];
}
