import { z } from 'zod';
import type { CouponService } from '../../../contexts/coupon/api.ts';
import { toProto } from '../../auth/principal.ts';
import type { RouteScope } from '../../auth/scopes.ts';
import { valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { PathId } from '../../server/schemas.ts';
import { readUpload } from '../../uploads/upload.ts';
import { type JobJson, JobView, jobJson, locationOf, QUEUED_EXAMPLE } from './job.schemas.ts';

type JobApi = Pick<CouponService, 'openJob' | 'appendJobInput' | 'submitJob'>;

/** What distinguishes the routes that take a CSV file for a policy and return a job. */
export interface CsvJob {
  readonly id: string;
  readonly tag: string;
  /** With the policy's id as `:id`. */
  readonly paths: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly scope: RouteScope;
  readonly kind: JobJson['kind'];
  /** Lower-case names of the column in a first line. */
  readonly headers: readonly string[];
  /** A file. */
  readonly upload: string;
}

const OnePolicy = z.strictObject({ id: PathId });

/**
 * Submits a job with the first column of the request's CSV, and returns it. A file that cannot be read to its end leaves a job that never
 * runs. A key, with the digest of the whole file, commits with the submission: a repeat submits no second job, and the one it began is
 * deleted.
 */
export const csvJobRoute = (coupon: JobApi, { kind, headers, ...stated }: CsvJob): Route =>
  route({
    ...stated,
    method: 'POST',
    access: ['ADMIN', 'OWNER'],
    status: 202,
    response: { schema: JobView, example: { ...QUEUED_EXAMPLE, kind } },
    refusals: ['POLICY_NOT_FOUND', 'COUPON_NOT_AVAILABLE'],
    idempotent: true,
    params: OnePolicy,
    async handle({ principal: caller, call, params: { id: policyId }, request, reply }): Promise<JobJson> {
      const principal = toProto(caller);
      const { id: jobId } = valueFrom((await coupon.openJob({ principal, kind, policyId })).outcome);
      const digest = await readUpload(request, headers, async (part, lines) => {
        valueFrom((await coupon.appendJobInput({ principal, jobId, part, lines })).outcome);
      });
      const commandKey = call.commandKeyFor(digest);
      const job = jobJson(call.valueFrom(await coupon.submitJob({ principal, jobId, commandKey })));
      reply.header('location', locationOf(job));
      return job;
    },
  });
