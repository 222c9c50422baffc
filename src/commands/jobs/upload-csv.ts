import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { EXIT } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import { assertReadable } from '../readable-file.ts';
import type { ServerOptions } from '../remote/find-server.ts';
import { openApi } from '../remote/open-api.ts';
import { readResponse } from '../remote/read-response.ts';
import { follow } from './follow.ts';
import { COUPON_JOBS } from './job-view.ts';

export interface UploadOptions extends ServerOptions {
  readonly file: string;
  /** Changes nothing, and shows what would happen. */
  readonly dryRun: boolean;
  /** Path of the file for rows that failed. */
  readonly errors?: string;
}

const DRY_RUN = z.object({
  total: z.number(),
  failed: z.number(),
  errors: z.array(z.object({ row: z.number(), line: z.string(), code: z.string() })),
});

/**
 * Uploads a CSV file as it is read, and shows its job until it ends. Returns the exit code: 1 when a row failed, or would fail.
 * @param verdict what becomes of a row without an error, such as `would be added`
 */
export async function uploadCsv(path: string, options: UploadOptions, verdict: string): Promise<number> {
  const { file, dryRun, errors, ...server } = options;
  await assertReadable(file);
  const api = await openApi(server);
  const csv = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
  const response = await api.call('POST', path, { csv, query: dryRun ? { dryRun: 'true' } : {} });
  if (dryRun) return show(await readResponse(api.url, response, (body) => DRY_RUN.parse(body)), verdict);
  const job = await readResponse(api.url, response, COUPON_JOBS.toView);
  process.stdout.write(`job ${job.jobId}: ${rows(job.total)}\n`);
  return await follow(api, job, process.stdout, { errorsFile: errors });
}

function show({ total, failed, errors }: z.output<typeof DRY_RUN>, verdict: string): number {
  const lines = errors.map(({ row, line, code }) => `  row ${row}: ${code} ${printable(JSON.stringify(line))}`);
  const summary = `${rows(total)}, of which ${rows(total - failed)} ${verdict} and ${rows(failed)} would fail`;
  const more = failed > errors.length ? [`  and ${rows(failed - errors.length)} more`] : [];
  process.stdout.write(`${[summary, ...lines, ...more].join('\n')}\nNothing was changed.\n`);
  return failed === 0 ? EXIT.DONE : EXIT.FAILED;
}

const rows = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`;
