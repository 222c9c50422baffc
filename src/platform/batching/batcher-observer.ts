import { Counter, Histogram, type Registry } from 'prom-client';

/** How a batch failed. */
const FAILURES = [
  /** Rolled back for a transient reason (connection, restart, deadlock): the same batch is retried. */
  'transient',
  /** Not executed, and retrying now is pointless: the batch is not retried, and its callers get DEPENDENCY_UNAVAILABLE at once. */
  'unavailable',
  /** Unknown whether it was committed: the batch is not retried, and its callers get DEPENDENCY_UNAVAILABLE. */
  'unknown',
  /** PostgreSQL refused it because of one of its commands. */
  'poison',
] as const;
export type Failure = (typeof FAILURES)[number];

/** Receives the figures of a batcher. Called once for each batch, not for each command. */
export interface BatcherObserver {
  /** `waitedMs`: how long the batch's oldest command was queued; `tookMs`: from dispatch until the last caller was settled. */
  batch(size: number, waitedMs: number, tookMs: number): void;
  failed(failure: Failure): void;
  refused(): void;
}

export const silentObserver: BatcherObserver = { batch: () => {}, failed: () => {}, refused: () => {} };

/** Few, because each is a series of each batcher. */
const SIZES = [1, 4, 16, 64, 256];
const SECONDS = [0.0025, 0.01, 0.025, 0.1, 0.25, 1, 2.5];
const observers = new WeakMap<Registry, (batcher: string) => BatcherObserver>();

/** The metrics of all batchers of a registry. The label `lane` is the name of the batcher. */
export function batcherMetrics(registry: Registry): (batcher: string) => BatcherObserver {
  const known = observers.get(registry);
  if (known) return known;
  const made = register(registry);
  observers.set(registry, made);
  return made;
}

function register(registry: Registry): (batcher: string) => BatcherObserver {
  const base = { labelNames: ['lane'], registers: [registry] };
  const histogram = (name: string, help: string, buckets: number[]) => new Histogram({ ...base, name, help, buckets });
  const size = histogram('stampede_lane_group_size', 'Commands in a batch', SIZES);
  const wait = histogram('stampede_lane_wait_seconds', 'Queue time of the oldest command of a batch', SECONDS);
  const took = histogram(
    'stampede_lane_group_seconds',
    'From the dispatch of a batch until its callers are settled',
    SECONDS,
  );
  const refused = new Counter({
    ...base,
    name: 'stampede_lane_refused_total',
    help: 'Commands rejected because the queue was full',
  });
  const failed = new Counter({
    name: 'stampede_lane_failures_total',
    help: 'Batches that failed, by kind of failure',
    labelNames: ['lane', 'failure'],
    registers: [registry],
  });
  return (batcher) => {
    const [sizes, waits, tooks, refusals] = [
      size.labels(batcher),
      wait.labels(batcher),
      took.labels(batcher),
      refused.labels(batcher),
    ];
    // Present from the start, so that the increase by the first one can be seen.
    for (const each of [size, wait, took]) each.zero({ lane: batcher });
    refusals.inc(0);
    for (const failure of FAILURES) failed.inc({ lane: batcher, failure }, 0);
    return {
      batch: (n, waitedMs, tookMs) => {
        sizes.observe(n);
        waits.observe(waitedMs / 1_000);
        tooks.observe(tookMs / 1_000);
      },
      failed: (failure) => failed.inc({ lane: batcher, failure }),
      refused: () => refusals.inc(),
    };
  };
}
