import { Counter, Gauge, type Registry } from 'prom-client';

export interface TaskMetrics {
  /** outcome: done, failed, or stopped (the node drains, or another node has taken over the run). */
  readonly runs: Counter<'job' | 'outcome'>;
  readonly things: Counter<'job'>;
  readonly lastSuccess: Gauge<'job'>;
}

export function taskMetrics(registry: Registry): TaskMetrics {
  const registers = [registry];
  return {
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
}
