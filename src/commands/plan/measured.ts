import events from '../../../docs/bench/events.json' with { type: 'json' };
import costs from '../../../docs/bench/plan.json' with { type: 'json' };

/** Costs of one machine, as `npm run bench:plan` and `npm run bench:events` measured them. Times are microseconds of CPU. */
export interface Measured {
  readonly machine: string;
  readonly ranAt: string;
  readonly issue: {
    /** Coupons of one policy a second, on all cores of that machine. */
    readonly perSecond: number;
    readonly nodeCpuUs: number;
    readonly postgresCpuUs: number;
    readonly walBytes: number;
    readonly storedBytes: number;
  };
  readonly refusal: { readonly nodeCpuUs: number };
  readonly checkout: { readonly nodeCpuUs: number; readonly postgresCpuUs: number; readonly storedBytes: number };
  readonly connection: { readonly nodeBytes: number };
  /** Events a second that one process handles from Kafka, and when that was measured. */
  readonly eventsPerSecond: number;
  readonly eventsRanAt: string;
}

/** The candidate of bench/events that handles events as a server with Kafka does. */
const THROUGH_KAFKA = 'Stampede, Kafka';

interface Candidate {
  readonly label: string;
  readonly perSecond: { readonly median: number };
}

/** @throws when no candidate was measured that handles events from Kafka: a plan without it would have no partitions */
export function eventsPerSecondIn(candidates: readonly Candidate[]): number {
  const found = candidates.find(({ label }) => label === THROUGH_KAFKA);
  if (found === undefined) throw new Error(`docs/bench/events.json has no candidate "${THROUGH_KAFKA}"`);
  return found.perSecond.median;
}

const { machine, ranAt, issue, refusal, checkout, connection } = costs;

export const MEASURED: Measured = {
  machine: `${machine.cores} cores of ${machine.model}, Node ${machine.versions.node}, PostgreSQL ${machine.versions.postgres}`,
  ranAt,
  issue,
  refusal,
  checkout,
  connection,
  eventsRanAt: events.ranAt,
  eventsPerSecond: eventsPerSecondIn(events.candidates),
};
