import { commandLine } from '../../platform/kernel/command-line.ts';
import { follow } from '../jobs/follow.ts';
import { COUPON_JOBS } from '../jobs/job-view.ts';
import type { ServerOptions } from '../remote/find-server.ts';
import { openApi } from '../remote/open-api.ts';
import { readResponse } from '../remote/read-response.ts';

export interface GenerateOptions extends ServerOptions {
  /** A decimal id. */
  readonly policy: string;
  readonly count: number;
  readonly prefix?: string;
  readonly pattern?: string;
  readonly charset?: string;
}

/** `stampede codes generate`: 0 when all codes are there. */
export async function run({ policy, url, apiKey, ...json }: GenerateOptions): Promise<number> {
  const api = await openApi({ url, apiKey });
  const response = await api.call('POST', `/api/v1/coupon-policies/${policy}/codes`, { json });
  const code = await follow(api, await readResponse(api.url, response, COUPON_JOBS.toView), process.stdout);
  if (code === 0) process.stdout.write(`Export them: ${commandLine(`codes export --policy ${policy}`)} > codes.csv\n`);
  return code;
}
