import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { openEdge } from '../jobs/edge.ts';
import { follow } from '../jobs/follow.ts';
import { COUPON_JOBS } from '../jobs/job-view.ts';
import { assertReadable } from '../readable-file.ts';

export interface DirectIssueOptions {
  /** A decimal id. */
  readonly policy: string;
  readonly file: string;
  /** Changes nothing, and shows what would happen. */
  readonly dryRun: boolean;
  /** Path of the file for rows that failed. */
  readonly errors?: string;
  readonly url?: string;
}

const DRY_RUN = z.object({
  total: z.number(),
  failed: z.number(),
  errors: z.array(z.object({ row: z.number(), line: z.string(), code: z.string() })),
});

/** `stampede direct-issue`: 0 when every row got its coupon; with `dryRun` when every row would get one. */
export async function run({ policy, file, dryRun, errors, url }: DirectIssueOptions): Promise<number> {
  await assertReadable(file);
  const edge = await openEdge(url);
  const csv = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
  const path = `/api/v1/coupon-policies/${policy}/direct-issue.csv${dryRun ? '?dryRun=true' : ''}`;
  const response = await edge.call('POST', path, { csv });
  if (dryRun) return show(DRY_RUN.parse(await response.json()));
  const job = COUPON_JOBS.toView(await response.json());
  process.stdout.write(`job ${job.jobId}: ${job.total.toLocaleString('en')} rows\n`);
  return await follow(edge, job, process.stdout, { errorsFile: errors });
}

function show({ total, failed, errors }: z.output<typeof DRY_RUN>): number {
  const rows = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`;
  const lines = errors.map(({ row, line, code }) => `  row ${row}: ${code} ${JSON.stringify(line)}`);
  const verdict = `${rows(total)}, of which ${rows(total - failed)} would get a coupon and ${rows(failed)} would fail`;
  const more = failed > errors.length ? [`  and ${rows(failed - errors.length)} more`] : [];
  process.stdout.write(`${[verdict, ...lines, ...more].join('\n')}\nNothing was changed.\n`);
  return failed === 0 ? 0 : 1;
}
