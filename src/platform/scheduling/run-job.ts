import type { Logger } from 'pino';
import type { Job } from '../context.ts';
import { holdRun } from './hold-run.ts';
import type { JobMetrics } from './job-metrics.ts';

export interface Run {
  readonly job: Job;
  readonly metrics: JobMetrics;
  readonly log: Logger;
  /** Is this run still this node's? */
  readonly touch: () => Promise<boolean>;
  /** The node drains, or the queue gave the run up. */
  readonly signal: AbortSignal;
}

/** One run of a job, logged and counted. Throws when it failed or was stopped before its end, so that it comes again. */
export async function runJob({ job, metrics, log, touch, signal }: Run): Promise<number> {
  const lost = new AbortController();
  const stopped = AbortSignal.any([signal, lost.signal]);
  const letGo = holdRun(touch, () => lost.abort());
  const startedMs = performance.now();
  try {
    const things = await job.run(stopped);
    metrics.things.inc({ job: job.name }, things);
    stopped.throwIfAborted();
    metrics.runs.inc({ job: job.name, outcome: 'done' });
    metrics.lastSuccess.setToCurrentTime({ job: job.name });
    const tookMs = Math.round(performance.now() - startedMs);
    if (things > 0) log.info({ job: job.name, things, tookMs }, 'a job ran');
    return things;
  } catch (error) {
    if (stopped.aborted) {
      metrics.runs.inc({ job: job.name, outcome: 'stopped' });
      log.info({ job: job.name }, 'a job was stopped before its end and comes again');
    } else {
      metrics.runs.inc({ job: job.name, outcome: 'failed' });
      log.error({ err: error, job: job.name }, 'a job failed and comes again');
    }
    throw error;
  } finally {
    letGo();
  }
}
