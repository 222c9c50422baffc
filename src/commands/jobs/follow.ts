import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import { EXIT } from '../exit-codes.ts';
import type { Api } from '../remote/api.ts';
import { ApiRefusal } from '../remote/problem.ts';
import { COUPON_JOBS, type JobKind, type JobView } from './job-view.ts';

const POLL_MS = 500;
/** A third of the requests that a user has in a minute. */
const UNSTREAMED_POLL_MS = 2_000;
/** A restarted server continues its jobs; after this long without a server the command gives up. */
const AWAY_MAX_MS = 30_000;

/**
 * Shows a job until it ends: a progress bar on a terminal, a line for each change elsewhere. Rows that failed are written to a file. Returns the
 * exit code: 1 when the job or a row of it failed.
 * @param errorsFile path of that file. Absent: `job-<id>-errors.csv` in the current directory
 */
export async function follow(
  api: Api,
  first: JobView,
  out: NodeJS.WriteStream,
  { kind = COUPON_JOBS, errorsFile }: { readonly kind?: JobKind; readonly errorsFile?: string | undefined } = {},
): Promise<number> {
  const bar = new SingleBar({
    stream: out,
    format: `  {bar} {percentage}%  {value}/{total} ${kind.unit} · {failed} failed · {left}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
  });
  const barFields = ({ failed, estimatedFinishAt }: JobView) => ({
    failed,
    left: timeLeft(estimatedFinishAt, Date.now()),
  });
  if (out.isTTY) bar.start(first.total, 0, barFields(first));
  let job = first;
  try {
    for await (job of jobUpdates(api, first, kind)) {
      if (out.isTTY) bar.update(job.done, barFields(job));
      else out.write(`${line(job, kind)}\n`);
    }
  } finally {
    if (out.isTTY) bar.stop();
  }
  out.write(`${ending(job, kind)}\n`);
  if (job.failed > 0) {
    const path = errorsFile ?? `job-${job.jobId}-errors.csv`;
    await downloadErrors(api, job, kind, path);
    out.write(`Each failed row with its reason: ${path}\n`);
  }
  return job.status === 'DONE' && job.failed === 0 ? EXIT.DONE : EXIT.FAILED;
}

/** Yields the job at each change until its end, from a stream where there is one: polling often would soon exceed the rate limit. */
async function* jobUpdates(api: Api, first: JobView, kind: JobKind): AsyncGenerator<JobView> {
  let job = first;
  while (!hasEnded(job)) {
    if (kind.isStreamed) for await (job of streamedJobs(api, job, kind)) yield job;
    if (hasEnded(job)) return;
    // A node that stops ends its streams; another one may have the job by now.
    await sleep(kind.isStreamed ? POLL_MS : UNSTREAMED_POLL_MS);
    job = await pollJob(api, job, kind);
    yield job;
  }
}

/** Yields the events of the job's stream until it ends. */
async function* streamedJobs(api: Api, { jobId }: JobView, kind: JobKind): AsyncGenerator<JobView> {
  try {
    const { body } = await api.call('GET', `${kind.path}/${jobId}/events`);
    for await (const text of createInterface({ input: Readable.fromWeb(body ?? new ReadableStream()) })) {
      if (text.startsWith(DATA)) yield kind.toView(JSON.parse(text.slice(DATA.length)));
    }
  } catch (error) {
    if (error instanceof ApiRefusal) throw error;
  }
}

const DATA = 'data: ';

async function pollJob(api: Api, { jobId }: JobView, kind: JobKind): Promise<JobView> {
  const until = performance.now() + AWAY_MAX_MS;
  for (;;) {
    try {
      return kind.toView(await (await api.call('GET', `${kind.path}/${jobId}`)).json());
    } catch (error) {
      if (error instanceof ApiRefusal || performance.now() > until) throw error;
      await sleep(POLL_MS);
    }
  }
}

const hasEnded = ({ status }: JobView): boolean => status === 'DONE' || status === 'FAILED';

const line = (job: JobView, { unit }: JobKind): string =>
  `  ${job.status} ${job.done}/${job.total} ${unit}, ${job.failed} failed, ${timeLeft(job.estimatedFinishAt, Date.now())}`;

export function timeLeft(estimatedFinishAt: string | null, nowMs: number): string {
  if (estimatedFinishAt === null) return 'time left unknown';
  const seconds = Math.max(0, Math.ceil((Date.parse(estimatedFinishAt) - nowMs) / 1000));
  return seconds < 60 ? `${seconds} s left` : `${Math.floor(seconds / 60)} min ${seconds % 60} s left`;
}

function ending({ status, total, failed, error }: JobView, { unit }: JobKind): string {
  if (status !== 'DONE') return `The job failed: ${error ?? 'no reason was recorded'}`;
  const rows = `${total.toLocaleString('en')} ${unit} done`;
  if (failed === 0) return rows;
  return `${rows}, ${failed.toLocaleString('en')} of them failed`;
}

/** Needs the credential of the command, so it is no address to open elsewhere. */
async function downloadErrors(api: Api, { jobId }: JobView, kind: JobKind, path: string): Promise<void> {
  const { body } = await api.call('GET', `${kind.path}/${jobId}/errors.csv`);
  if (body !== null) await pipeline(Readable.fromWeb(body), createWriteStream(path));
}
