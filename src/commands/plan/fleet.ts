import { connectionsOf, RESERVED_CONNECTIONS } from '../../platform/postgres/connections.ts';
import type { Measured } from './measured.ts';

export interface Opening {
  readonly users: number;
  readonly minutes: number;
  readonly coupons: number;
  readonly policies: number;
  /** Of each user. */
  readonly requests: number;
  /** The busiest second, as a multiple of the mean. */
  readonly peak: number;
  readonly checkouts: number;
  /** Share of a core that may be used in the busiest second. */
  readonly utilization: number;
  /** A multiple of the measured machine. */
  readonly coreSpeed: number;
}

/** What the opening needs. Rates are a second, sizes bytes. */
export interface Fleet {
  readonly meanRequests: number;
  readonly peakRequests: number;
  /** Coupons a second while there are some. */
  readonly issuing: number;
  /** Until every coupon is issued. */
  readonly soldOutSeconds: number;
  /** The longest wait of a request in the queue of its policy. */
  readonly longestWaitSeconds: number;
  readonly checkouts: number;
  readonly nodeCores: number;
  readonly postgresCores: number;
  readonly processes: number;
  /** PostgreSQL servers over which policies and users are divided. */
  readonly databases: number;
  readonly clientConnections: number;
  readonly connectionBytes: number;
  /** As a value of max_connections, if one server has all. */
  readonly postgresConnections: number;
  readonly events: number;
  readonly eventSeconds: number;
  readonly partitions: number;
  readonly storedBytes: number;
  readonly walBytesPerSecond: number;
}

const SECONDS = 60;
/** Cores of one PostgreSQL server; more than one such server means shards. */
export const POSTGRES_CORES_MAX = 32;
/** One process more than the load needs: one may be restarted or lost in the opening. */
export const SPARE_PROCESSES = 1;
/** Events of a coupon: issued. Events of a checkout: created, reserved, coupon used, points captured, paid, points earned. */
export const EVENTS_OF = { coupon: 1, checkout: 6 } as const;
/** Consumers of one group work side by side only up to the number of partitions, so there is room to add some. */
export const PARTITIONS_FOR_A_CONSUMER = 2;
export const PARTITIONS_MIN = 6;

/** Computes a fleet. It is linear in what was measured: no effect of scale is assumed that was not measured. */
export function planFleet(opening: Opening, measured: Measured): Fleet {
  const { issue, refusal, checkout, connection } = measured;
  const seconds = opening.minutes * SECONDS;
  const requests = opening.users * opening.requests;
  const meanRequests = requests / seconds;
  const peakRequests = Math.min(meanRequests * opening.peak, requests);
  const demand = Math.min(opening.coupons, opening.users);
  const issuing = Math.min(peakRequests, opening.policies * issue.perSecond * opening.coreSpeed);
  const soldOutSeconds = demand / issuing;
  // Requests come faster than coupons are issued until the last one is: the request before the last has waited for the difference.
  const longestWaitSeconds = Math.max(soldOutSeconds - demand / peakRequests, 0);
  const checkouts = opening.checkouts / seconds;
  const coresOf = (perSecond: number, cpuUs: number) =>
    (perSecond * cpuUs) / 1e6 / opening.coreSpeed / opening.utilization;
  const opened = coresOf(issuing, issue.nodeCpuUs);
  const refused = coresOf(peakRequests, refusal.nodeCpuUs);
  const nodeCores = Math.max(opened, refused) + coresOf(checkouts, checkout.nodeCpuUs);
  const postgresCores = coresOf(issuing, issue.postgresCpuUs) + coresOf(checkouts, checkout.postgresCpuUs);
  const processes = Math.ceil(nodeCores) + SPARE_PROCESSES;
  const events = demand * EVENTS_OF.coupon + opening.checkouts * EVENTS_OF.checkout;
  const consumers = Math.min(Math.ceil(events / seconds / measured.eventsPerSecond), processes);
  return {
    meanRequests,
    peakRequests,
    issuing,
    soldOutSeconds,
    longestWaitSeconds,
    checkouts,
    nodeCores,
    postgresCores,
    processes,
    databases: Math.ceil(postgresCores / POSTGRES_CORES_MAX),
    clientConnections: opening.users,
    connectionBytes: opening.users * connection.nodeBytes,
    postgresConnections: processes * connectionsOf(1) + RESERVED_CONNECTIONS,
    events,
    eventSeconds: events / (consumers * measured.eventsPerSecond),
    partitions: Math.max(consumers * PARTITIONS_FOR_A_CONSUMER, PARTITIONS_MIN),
    storedBytes: demand * issue.storedBytes + opening.checkouts * checkout.storedBytes,
    walBytesPerSecond: issuing * issue.walBytes,
  };
}
