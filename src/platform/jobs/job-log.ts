import type { Logger } from 'pino';
import { type Outage, outageLog } from '../telemetry/outage-log.ts';

/** What a runner of jobs logs. */
export interface JobLog {
  /** Whether there are jobs could, or could not, be read. */
  readonly polls: Outage;
  /** A step is tried again, or its runner gives the job to another one: a line a minute, because all jobs fail when PostgreSQL is away. */
  retried(error: unknown, jobId: bigint): void;
  /** A job ended with an error: always a line, which its user is referred to. */
  failed(error: unknown, jobId: bigint): void;
}

/** `kind` names the jobs in each line, as in "coupon". */
export function jobLog(log: Logger, kind: string): JobLog {
  const facts = { kind };
  const retries = outageLog({ log, facts, subject: 'jobId', message: 'a step of a job failed and is tried again' });
  return {
    polls: outageLog({ log, facts, message: 'jobs could not be read', over: 'jobs are read again' }),
    retried: (error, jobId) => retries.failed(error, { jobId: String(jobId) }),
    failed: (err, jobId) => log.error({ err, ...facts, jobId: String(jobId) }, 'a job failed'),
  };
}
