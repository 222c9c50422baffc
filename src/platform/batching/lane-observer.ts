import { Counter, Histogram, type Registry } from 'prom-client';

/** What became of a group that failed. */
export type Failure =
  /** Rolled back for a reason that passes (connection, restart, deadlock): the same group may go again. */
  | 'transient'
  /** Nothing was done, and nothing can be for a while: callers are told at once to ask again, the group is not repeated. */
  | 'unavailable'
  /** Nobody knows whether it was committed: callers are told to ask again, the group is not repeated. */
  | 'unknown'
  /** PostgreSQL refused it: one command of it is bad. */
  | 'poison';

/** What a lane tells of itself. Called once a group, not once a command. */
export interface LaneObserver {
  /** `waitedMs`: how long the group's oldest command was queued; `tookMs`: from departure to the last answer. */
  group(size: number, waitedMs: number, tookMs: number): void;
  failed(failure: Failure): void;
  refused(): void;
}

export const silentObserver: LaneObserver = { group: () => {}, failed: () => {}, refused: () => {} };

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const observers = new WeakMap<Registry, (lane: string) => LaneObserver>();

/** The metrics of all lanes of a registry, labelled by lane. */
export function laneMetrics(registry: Registry): (lane: string) => LaneObserver {
  const known = observers.get(registry);
  if (known) return known;
  const made = register(registry);
  observers.set(registry, made);
  return made;
}

function register(registry: Registry): (lane: string) => LaneObserver {
  const base = { labelNames: ['lane'], registers: [registry] };
  const histogram = (name: string, help: string, buckets: number[]) => new Histogram({ ...base, name, help, buckets });
  const size = histogram('stampede_lane_group_size', 'Commands a group', SIZES);
  const wait = histogram('stampede_lane_wait_seconds', 'Queue time of the oldest command of a group', SECONDS);
  const took = histogram('stampede_lane_group_seconds', 'From departure of a group to its answers', SECONDS);
  const refused = new Counter({
    ...base,
    name: 'stampede_lane_refused_total',
    help: 'Commands refused before admission',
  });
  const failed = new Counter({
    name: 'stampede_lane_failures_total',
    help: 'Groups that failed, by kind',
    labelNames: ['lane', 'failure'],
    registers: [registry],
  });
  return (lane) => {
    const [sizes, waits, tooks, refusals] = [
      size.labels(lane),
      wait.labels(lane),
      took.labels(lane),
      refused.labels(lane),
    ];
    return {
      group: (n, waitedMs, tookMs) => {
        sizes.observe(n);
        waits.observe(waitedMs / 1_000);
        tooks.observe(tookMs / 1_000);
      },
      failed: (failure) => failed.inc({ lane, failure }),
      refused: () => refusals.inc(),
    };
  };
}
