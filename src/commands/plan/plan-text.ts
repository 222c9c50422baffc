import { QUEUE_AGE_MAX_MS } from '../../platform/batching/batcher.ts';
import { connectionsOf } from '../../platform/postgres/connections.ts';
import { EVENTS_OF, type Fleet, type Opening, PARTITIONS_FOR_A_CONSUMER, POSTGRES_CORES_MAX } from './fleet.ts';
import type { Measured } from './measured.ts';

const whole = (value: number): string => Math.ceil(value).toLocaleString('en-US');
const oneDecimal = (value: number): string => value.toFixed(1);
const seconds = (value: number): string => (value < 10 ? `${oneDecimal(value)} s` : `${whole(value)} s`);
const counted = (value: number, one: string): string => `${whole(value)} ${Math.ceil(value) === 1 ? one : `${one}s`}`;
function bytes(value: number): string {
  const [size, unit] = value < 1e9 ? [value / 1e6, 'MB'] : [value / 1e9, 'GB'];
  return `${size < 10 ? oneDecimal(size) : whole(size)} ${unit}`;
}

/** Requests wait this long at most; then they are refused with 503 and Retry-After. */
const QUEUE_SECONDS = QUEUE_AGE_MAX_MS / 1_000;

/** A user gets one coupon, so coupons are left when there are fewer users. */
const lastIssue = ({ users, coupons }: Opening): string =>
  coupons > users
    ? `${whole(coupons - users)} coupons are left, and the last user has one`
    : 'the last coupon is issued';

/** The fleet, and everything that it assumes, for people. */
export function planText(opening: Opening, fleet: Fleet, measured: Measured): string {
  const { users, minutes, coupons, policies, peak, requests, utilization, coreSpeed } = opening;
  const rows: [string, string][] = [
    ['requests', `${whole(fleet.meanRequests)}/s on average, ${whole(fleet.peakRequests)}/s in the busiest second`],
    ['issuing', `${whole(fleet.issuing)}/s; ${lastIssue(opening)} after ${seconds(fleet.soldOutSeconds)}`],
    ['longest wait', waitText(fleet.longestWaitSeconds)],
    ...(fleet.checkouts > 0 ? [['checkouts', `${oneDecimal(fleet.checkouts)}/s`] as [string, string]] : []),
    [
      'processes',
      `${fleet.processes} of one core each (${oneDecimal(fleet.nodeCores)} cores of work, and one to spare)`,
    ],
    ['PostgreSQL', `${oneDecimal(fleet.postgresCores)} cores, ${counted(fleet.databases, 'server')}`],
    ['', `max_connections of at least ${whole(fleet.postgresConnections)}; WAL ${bytes(fleet.walBytesPerSecond)}/s`],
    [
      'clients',
      `${counted(fleet.clientConnections, 'connection')}, ${bytes(fleet.connectionBytes)} of memory over all processes`,
    ],
    [
      'Kafka',
      `${counted(fleet.events, 'event')}, handled within ${seconds(fleet.eventSeconds)}; ${counted(fleet.partitions, 'partition')} for a topic`,
    ],
    ['disk', `${bytes(fleet.storedBytes)} of rows and indexes`],
  ];
  return [
    `${counted(users, 'user')} within ${minutes} min, ${counted(coupons, 'coupon')} of ${policies === 1 ? 'one policy' : `${whole(policies)} policies`}`,
    '',
    ...rows.map(([name, text]) => `  ${name.padEnd(14)}${text}`),
    '',
    'Assumed:',
    `  - Each user sends ${requests === 1 ? 'one request' : `${requests} requests`} on a connection of their own; the busiest second has ${peak} times the mean (--requests, --peak).`,
    `  - A core is used to ${Math.round(utilization * 100)} % at most, and is ${coreSpeed === 1 ? 'as fast as' : `${coreSpeed} times as fast as`} the measured ones (--utilization, --core-speed).`,
    `  - One process has one core. PostgreSQL uses up to ${POSTGRES_CORES_MAX} cores of a server; beyond that policies and users are divided over several.`,
    `  - A process opens up to ${connectionsOf(1)} connections to PostgreSQL. An issued coupon is ${EVENTS_OF.coupon} event, a checkout ${EVENTS_OF.checkout}.`,
    `  - ${PARTITIONS_FOR_A_CONSUMER} partitions for each consumer that the events need, so that some can be added.`,
    '  - Not counted: several processes that issue the same policy make smaller batches, and each batch costs the same (docs/scaling.md).',
    '  - Costs grow in proportion. Nothing here was measured on machines of this size; measure yours with npm run bench:plan in a clone of the project.',
    '',
    `Measured on ${measured.machine}, ${measured.ranAt.slice(0, 10)}, server, PostgreSQL and load generator together:`,
    `  - one policy: ${whole(measured.issue.perSecond)} coupons/s`,
    `  - a coupon: ${measured.issue.nodeCpuUs} us of CPU in the process, ${measured.issue.postgresCpuUs} us in PostgreSQL, ${whole(measured.issue.storedBytes)} bytes, ${whole(measured.issue.walBytes)} of WAL`,
    `  - a refusal: ${measured.refusal.nodeCpuUs} us in the process`,
    `  - a checkout with coupon and points: ${measured.checkout.nodeCpuUs} us and ${measured.checkout.postgresCpuUs} us, ${whole(measured.checkout.storedBytes)} bytes`,
    `  - a connection: ${whole(measured.connection.nodeBytes)} bytes; events: ${whole(measured.eventsPerSecond)}/s in a process, on ${measured.eventsRanAt.slice(0, 10)}`,
    '',
  ].join('\n');
}

function waitText(wait: number): string {
  if (wait === 0) return 'none: coupons are issued as fast as requests come';
  if (wait <= QUEUE_SECONDS) return `${seconds(wait)} in the queue of the policy`;
  return `${seconds(wait)}: more than the ${QUEUE_SECONDS} s of the queue, so some requests get 503 and repeat; more policies, or faster cores, shorten it`;
}
