import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CouponService, OpenJobRequest } from '../../contexts/coupon/api.ts';
import type { KeyedCall } from '../idempotency/keyed-call.ts';
import { valueFrom } from '../problems/problem.ts';
import { type JobJson, jobJson } from '../routes/coupon/job.schemas.ts';
import { readUpload } from './upload.ts';

type JobApi = Pick<CouponService, 'openJob' | 'appendJobInput' | 'submitJob'>;

/**
 * Submits a job with the first column of the request's CSV, and returns it. A file that cannot be read to its end leaves a job that never
 * runs. `headers`: lower-case names of that column in a first line.
 * A key, with the digest of the whole file, commits with the submission: a repeat submits no second job, and the one it
 * began is deleted.
 * Thrown: what `readUpload` throws, and what the operations refuse with.
 */
export async function uploadJob(
  coupon: JobApi,
  begun: OpenJobRequest,
  headers: readonly string[],
  call: KeyedCall,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<JobJson> {
  const { principal } = begun;
  const { id: jobId } = valueFrom((await coupon.openJob(begun)).outcome);
  const digest = await readUpload(request, headers, async (part, lines) => {
    valueFrom((await coupon.appendJobInput({ principal, jobId, part, lines })).outcome);
  });
  const commandKey = call.commandKeyFor(digest);
  const job = jobJson(call.valueFrom(await coupon.submitJob({ principal, jobId, commandKey })));
  reply.header('location', `/api/v1/jobs/${job.jobId}`);
  return job;
}
