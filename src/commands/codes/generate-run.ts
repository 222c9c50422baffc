import { commandLine } from '../../platform/kernel/command-line.ts';
import { openEdge } from '../jobs/edge.ts';
import { follow } from '../jobs/follow.ts';
import { COUPON_JOBS } from '../jobs/job-view.ts';

export interface GenerateOptions {
  /** A decimal id. */
  readonly policy: string;
  readonly count: number;
  readonly prefix?: string;
  readonly pattern?: string;
  readonly charset?: string;
  readonly url?: string;
}

/** `stampede codes generate`: 0 when all codes are there. */
export async function run({ policy, url, ...json }: GenerateOptions): Promise<number> {
  const edge = await openEdge(url);
  const response = await edge.call('POST', `/api/v1/coupon-policies/${policy}/codes`, { json });
  const code = await follow(edge, COUPON_JOBS.toView(await response.json()), process.stdout);
  if (code === 0) process.stdout.write(`Export them: ${commandLine(`codes export --policy ${policy}`)} > codes.csv\n`);
  return code;
}
