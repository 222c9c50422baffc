import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { StartError } from '../../platform/kernel/start-error.ts';
import { openEdge, toJobView } from '../jobs/edge.ts';
import { follow } from '../jobs/follow.ts';

export interface DirectIssueOptions {
  /** A decimal id. */
  readonly policy: string;
  readonly file: string;
  readonly url?: string;
}

/** `stampede direct-issue`: 0 when the job is done, also when rows of it failed; 1 when it failed as a whole. */
export async function run({ policy, file, url }: DirectIssueOptions): Promise<number> {
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw new StartError(`${file} cannot be read.`, { cause: error });
  });
  const edge = await openEdge(url);
  const csv = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
  const response = await edge.call('POST', `/api/v1/coupon-policies/${policy}/direct-issue.csv`, { csv });
  const job = toJobView(await response.json());
  process.stdout.write(`job ${job.jobId}: ${job.total.toLocaleString('en')} rows\n`);
  return await follow(edge, job, process.stdout);
}
