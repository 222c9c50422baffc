import { StartError } from '../../platform/kernel/start-error.ts';
import { callAsAdmin } from './admin.ts';
import { showJob } from './job-progress.ts';
import { readJob, watchJob } from './watch-job.ts';

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
export async function run({ policy, url, ...wishes }: GenerateOptions): Promise<number> {
  const call = await callAsAdmin(url);
  const started = performance.now();
  const begun = await readJob(await call('POST', `/api/v1/coupon-policies/${policy}/codes`, wishes));
  const progress = showJob(begun.total, process.stderr);
  const job = await watchJob(call, begun, progress.show).finally(progress.stop);
  if (job.status === 'FAILED') throw new StartError(job.error ?? 'The job failed.');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${job.done.toLocaleString('en')} codes in ${seconds} s. Export them: stampede codes export --policy ${policy} > codes.csv\n`,
  );
  return 0;
}
