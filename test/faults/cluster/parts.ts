import type { ContextName } from '../../../src/app/parts.ts';
import type { Cluster } from '../../../tools/cluster/start.ts';

/** What the load does: a rush for first-come coupons, or customers who order and pay. */
export const LOADS = ['rush', 'checkout'] as const;
export type LoadName = (typeof LOADS)[number];

/** One thing of a cluster that may have a fault. */
export interface ClusterPart {
  readonly name: string;
  /** What the table shows. */
  readonly title: string;
  /** Processes of the cluster, by the names that it gives them. */
  readonly processes: readonly string[];
  /** The context that is away with it, so that reads of it may fail. `all`: everything is. */
  readonly holds: 'nothing' | 'all' | ContextName;
  /** Does it hold data, so that its disk may be full? The directory in that of the cluster. */
  readonly disk?: string;
  /** Whose wall clock the tests can set: that of its processes in Node, or that of a program in C or Java. Undefined: none. */
  readonly clock?: 'of its processes' | ClockedProgram;
  readonly loads: readonly LoadName[];
}

/** Programs that read their wall clock through libc, where wrong-clock.c replaces it. Java is Kafka. */
export const CLOCKED_PROGRAMS = ['postgres', 'java', 'redis-server', 'haproxy'] as const;
export type ClockedProgram = (typeof CLOCKED_PROGRAMS)[number];

const service = (name: ContextName, loads: readonly LoadName[]): ClusterPart => ({
  name,
  title: name,
  processes: [name],
  holds: name,
  clock: 'of its processes',
  loads,
});

export const CLUSTER_PARTS: readonly ClusterPart[] = [
  {
    ...service('coupon', ['rush']),
    name: 'coupon-1',
    title: 'coupon, one of two',
    processes: ['coupon-1'],
    holds: 'nothing',
  },
  { ...service('coupon', ['rush', 'checkout']), title: 'coupon, both', processes: ['coupon-1', 'coupon-2'] },
  service('point', ['checkout']),
  service('order', ['checkout']),
  service('store', ['checkout']),
  service('identity', ['rush']),
  {
    name: 'gateway-1',
    title: 'gateway, one of two',
    processes: ['gateway-1'],
    holds: 'nothing',
    clock: 'of its processes',
    loads: ['rush', 'checkout'],
  },
  {
    name: 'gateway',
    title: 'gateway, both',
    processes: ['gateway-1', 'gateway-2'],
    holds: 'all',
    clock: 'of its processes',
    loads: ['rush'],
  },
  {
    name: 'balancer',
    title: 'load balancer',
    processes: ['balancer'],
    holds: 'all',
    clock: 'haproxy',
    loads: ['rush'],
  },
  {
    name: 'postgres',
    title: 'PostgreSQL',
    processes: ['postgres'],
    holds: 'all',
    disk: 'database',
    clock: 'postgres',
    loads: ['rush', 'checkout'],
  },
  {
    name: 'kafka',
    title: 'Kafka',
    processes: ['kafka'],
    holds: 'nothing',
    disk: 'kafka',
    clock: 'java',
    loads: ['rush', 'checkout'],
  },
  {
    name: 'etcd',
    title: 'etcd',
    processes: ['etcd'],
    holds: 'nothing',
    disk: 'etcd',
    loads: ['rush', 'checkout'],
  },
  { name: 'redis', title: 'Redis', processes: ['redis'], holds: 'nothing', clock: 'redis-server', loads: ['rush'] },
];

/** The processes of the part that run now. */
export const pidsOf = (cluster: Cluster, { processes }: ClusterPart): readonly number[] =>
  processes.flatMap((name) => cluster.pidOf(name) ?? []);
