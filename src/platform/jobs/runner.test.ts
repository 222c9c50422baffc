import { pino } from 'pino';
import { expect, it } from 'vitest';
import { jobLog } from './job-log.ts';
import type { JobLeases, RunnableJob } from './leases.ts';
import { jobRunner } from './runner.ts';

const JOB: RunnableJob = { id: 0n, kind: 'test', total: 1, done: 0 };

/** Runs the jobs 1 to `count`, each of whose steps throws, until all have ended. Returns the lines of the log. */
async function linesOfFailingJobs(count: number): Promise<readonly string[]> {
  const lines: string[] = [];
  const write = (line: string): void => {
    const { level, msg, jobId, err } = JSON.parse(line);
    lines.push([level, msg, jobId, err?.message].join(' '));
  };
  const waiting = Array.from({ length: count }, (_, index): RunnableJob => ({ ...JOB, id: BigInt(index + 1) }));
  const ended = Promise.withResolvers<void>();
  let failed = 0;
  const leases = {
    acquire: async () => waiting.shift(),
    async fail() {
      failed += 1;
      if (failed === count) ended.resolve();
    },
  } as Partial<JobLeases<RunnableJob>> as JobLeases<RunnableJob>;
  const runner = jobRunner({
    leases,
    kinds: [{ kind: JOB.kind, step: (job) => Promise.reject(new Error(`of job ${job.id}`)) }],
    clock: Date.now,
    classify: () => 'poison',
    log: jobLog(pino({}, { write }), 'test'),
  });
  runner.start();
  await ended.promise;
  await runner.stop();
  return lines.toSorted();
}

it('each job that ends with an error has a line with the error, and no line says that jobs run again', async () => {
  expect(await linesOfFailingJobs(3)).toEqual([
    '50 a job failed 1 of job 1',
    '50 a job failed 2 of job 2',
    '50 a job failed 3 of job 3',
  ]);
});
