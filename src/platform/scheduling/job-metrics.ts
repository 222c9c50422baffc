import { Counter, Gauge, type Registry } from 'prom-client';

export interface JobMetrics {
  /** outcome: done, failed, or stopped (the node drains, or another one has taken the run over). */
  readonly runs: Counter<'job' | 'outcome'>;
  readonly things: Counter<'job'>;
  readonly lastSuccess: Gauge<'job'>;
}

export function jobMetrics(registry: Registry): JobMetrics {
  const registers = [registry];
  return {
    runs: new Counter({
      name: 'stampede_job_runs_total',
      help: 'Runs of a scheduled job that ended on this node, by how',
      labelNames: ['job', 'outcome'],
      registers,
    }),
    things: new Counter({
      name: 'stampede_job_things_total',
      help: 'What the runs of a scheduled job did on this node: policies opened, reservations ended, coupons expired …',
      labelNames: ['job'],
      registers,
    }),
    lastSuccess: new Gauge({
      name: 'stampede_job_last_success_timestamp_seconds',
      help: 'When a run of a scheduled job last succeeded on this node; over all nodes the newest counts',
      labelNames: ['job'],
      registers,
    }),
  };
}
