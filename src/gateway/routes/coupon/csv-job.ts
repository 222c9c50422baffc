import { z } from 'zod';
import type { CouponService } from '../../../contexts/coupon/api.ts';
import { type Principal, toProto } from '../../auth/principal.ts';
import type { RouteScope } from '../../auth/scopes.ts';
import type { Tag } from '../../openapi/tags.ts';
import { valueFrom } from '../../problems/problem.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import type { Columns } from '../../uploads/columns.ts';
import { readUpload } from '../../uploads/upload.ts';
import { OnePolicy } from './coupon-policy.schemas.ts';
import {
  DRY_RUN_EXAMPLE,
  type DryRunJson,
  DryRunView,
  type JobJson,
  JobView,
  jobJson,
  locationOf,
  QUEUED_EXAMPLE,
} from './job.schemas.ts';

type JobApi = Pick<CouponService, 'openJob' | 'appendJobInput' | 'submitJob' | 'checkJob'>;

/** What distinguishes the routes that take a CSV file for a policy and return a job. */
export interface CsvJob {
  readonly id: string;
  readonly tag: Tag;
  /** With the policy's id as `:id`. */
  readonly paths: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly scope: RouteScope;
  readonly kind: JobJson['kind'];
  readonly columns: Columns;
  /** A file. */
  readonly upload: string;
  /** Of the cells before they are handed on. */
  readonly replace?: (principal: Principal, cells: readonly string[]) => Promise<readonly string[]>;
}

const DryRunQuery = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({ description: 'true: nothing changes, and the response is what would happen' }),
});

/** How every route of this kind reads its file. */
export const FILE_RULES =
  'UTF-8, UTF-16 or CP949; separated by commas, semicolons or tabs. A file of several columns needs a header that names the column. ' +
  'At most 100 MB, also after decompression (gzip).';

/**
 * Submits a job with one column of the request's CSV, and returns it. A file that cannot be read to its end leaves a job that never
 * runs. A key, with the digest of the whole file, commits with the submission: a repeat submits no second job, and the one it began is
 * deleted.
 */
export const csvJobRoute = (coupon: JobApi, { kind, columns, replace, ...stated }: CsvJob): Route =>
  route({
    ...stated,
    method: 'POST',
    access: MANAGERS,
    status: 202,
    location: true,
    response: { schema: JobView, example: { ...QUEUED_EXAMPLE, kind } },
    otherResponse: { status: 200, description: 'Of a dry run', schema: DryRunView, example: DRY_RUN_EXAMPLE },
    refusals: ['POLICY_NOT_FOUND', 'COUPON_NOT_AVAILABLE'],
    idempotent: true,
    params: OnePolicy,
    query: DryRunQuery,
    async handle({
      principal: caller,
      call,
      params: { id: policyId },
      query: { dryRun },
      request,
      reply,
    }): Promise<JobJson | DryRunJson> {
      const principal = toProto(caller);
      const { id: jobId } = valueFrom((await coupon.openJob({ principal, kind, policyId })).outcome);
      const digest = await readUpload(request, columns, async (part, cells) => {
        const lines = replace === undefined ? cells : await replace(caller, cells);
        valueFrom((await coupon.appendJobInput({ principal, jobId, part, lines })).outcome);
      });
      const commandKey = call.takeCommandKey(digest);
      if (dryRun) {
        reply.status(200);
        const { errors, ...counts } = valueFrom((await coupon.checkJob({ principal, jobId })).outcome);
        return { ...counts, errors: [...errors] };
      }
      const job = jobJson(call.valueFrom(await coupon.submitJob({ principal, jobId, commandKey })));
      reply.header('location', locationOf(job));
      return job;
    },
  });
