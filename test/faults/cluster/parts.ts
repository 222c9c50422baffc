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
  /** Does it read a clock that the tests can set, which a program in Node does? */
  readonly hasClock: boolean;
  readonly loads: readonly LoadName[];
}

export const CONTEXTS = ['coupon', 'point', 'order', 'store', 'identity', 'statistics'] as const;
export type ContextName = (typeof CONTEXTS)[number];

const service = (name: ContextName, loads: readonly LoadName[]): ClusterPart => ({
  name,
  title: name,
  processes: [name],
  holds: name,
  hasClock: true,
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
    hasClock: true,
    loads: ['rush', 'checkout'],
  },
  {
    name: 'gateway',
    title: 'gateway, both',
    processes: ['gateway-1', 'gateway-2'],
    holds: 'all',
    hasClock: true,
    loads: ['rush'],
  },
  {
    name: 'balancer',
    title: 'load balancer',
    processes: ['balancer'],
    holds: 'all',
    hasClock: false,
    loads: ['rush'],
  },
  {
    name: 'postgres',
    title: 'PostgreSQL',
    processes: ['postgres'],
    holds: 'all',
    disk: 'database',
    hasClock: false,
    loads: ['rush', 'checkout'],
  },
  {
    name: 'kafka',
    title: 'Kafka',
    processes: ['kafka'],
    holds: 'nothing',
    disk: 'kafka',
    hasClock: false,
    loads: ['rush', 'checkout'],
  },
  {
    name: 'etcd',
    title: 'etcd',
    processes: ['etcd'],
    holds: 'nothing',
    disk: 'etcd',
    hasClock: false,
    loads: ['rush', 'checkout'],
  },
  { name: 'redis', title: 'Redis', processes: ['redis'], holds: 'nothing', hasClock: false, loads: ['rush'] },
];

/** The processes of the part that run now. */
export const pidsOf = (cluster: Cluster, { processes }: ClusterPart): readonly number[] =>
  processes.flatMap((name) => cluster.pidOf(name) ?? []);
