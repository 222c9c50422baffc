import { Counter, Gauge, type Registry } from 'prom-client';
import type { ScheduledTask } from '../context.ts';

/** stopped: the node drains, or another node has taken over the run. */
const OUTCOMES = ['done', 'failed', 'stopped'] as const;

export interface TaskMetrics {
  readonly runs: Counter<'job' | 'outcome'>;
  readonly things: Counter<'job'>;
  readonly lastSuccess: Gauge<'job'>;
}

/** @param tasks those that may run on this node */
export function taskMetrics(
  registry: Registry,
  tasks: readonly Pick<ScheduledTask, 'name' | 'everyMinutes'>[],
): TaskMetrics {
  const registers = [registry];
  const metrics = {
    runs: new Counter({
      name: 'stampede_job_runs_total',
      help: 'Runs of a scheduled task that ended on this node, by outcome',
      labelNames: ['job', 'outcome'],
      registers,
    }),
    things: new Counter({
      name: 'stampede_job_things_total',
      help: 'Things that a scheduled task processed on this node: policies opened, reservations ended, coupons expired …',
      labelNames: ['job'],
      registers,
    }),
    lastSuccess: new Gauge({
      name: 'stampede_job_last_success_timestamp_seconds',
      help: 'When a run of a scheduled task last succeeded on this node; over all nodes the newest counts',
      labelNames: ['job'],
      aggregator: 'max',
      registers,
    }),
  };
  const period = new Gauge({
    name: 'stampede_job_period_seconds',
    help: 'A scheduled task runs once in this time over all nodes, and at its due times',
    labelNames: ['job'],
    aggregator: 'max',
    registers,
  });
  for (const { name: job, everyMinutes } of tasks) {
    period.set({ job }, everyMinutes * 60);
    // Present from the start, so that the increase by the first failure can be seen.
    for (const outcome of OUTCOMES) metrics.runs.inc({ job, outcome }, 0);
  }
  return metrics;
}
