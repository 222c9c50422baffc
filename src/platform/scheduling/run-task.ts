import type { Logger } from 'pino';
import type { ScheduledTask } from '../context.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { TaskMetrics } from './task-metrics.ts';

export interface Run {
  readonly job: ScheduledTask;
  readonly metrics: TaskMetrics;
  readonly log: Logger;
  /** Sends a heartbeat. Returns whether this run still belongs to this node. */
  readonly touch: () => Promise<boolean>;
  /** Aborted when the node drains, or when the queue gave up the run. */
  readonly signal: AbortSignal;
}

/** Executes one run of a task, with logs and metrics. Throws when it failed or was stopped early, so that the queue retries it. */
export async function runTask({ job, metrics, log, touch, signal }: Run): Promise<number> {
  const lost = new AbortController();
  const stopped = AbortSignal.any([signal, lost.signal]);
  const stopHeartbeat = startHeartbeat(touch, () => lost.abort());
  const startedMs = performance.now();
  try {
    const things = await job.run(stopped);
    metrics.things.inc({ job: job.name }, things);
    stopped.throwIfAborted();
    metrics.runs.inc({ job: job.name, outcome: 'done' });
    metrics.lastSuccess.setToCurrentTime({ job: job.name });
    const tookMs = Math.round(performance.now() - startedMs);
    if (things > 0) log.info({ job: job.name, things, tookMs }, 'a scheduled task ran');
    return things;
  } catch (error) {
    if (stopped.aborted) {
      metrics.runs.inc({ job: job.name, outcome: 'stopped' });
      log.info({ job: job.name }, 'a scheduled task was stopped before its end and is retried');
    } else {
      metrics.runs.inc({ job: job.name, outcome: 'failed' });
      log.error({ err: error, job: job.name }, 'a scheduled task failed and is retried');
    }
    throw error;
  } finally {
    stopHeartbeat();
  }
}
