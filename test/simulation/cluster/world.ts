import type { IdSource } from '../../../src/platform/kernel/ids.ts';
import type { Kernel } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import type { World } from '../world.ts';
import type { History } from './history.ts';
import type { IssueCalls } from './issue-calls.ts';
import type { Network } from './network.ts';
import type { Postgres } from './postgres.ts';
import type { SimulatedRedis } from './redis.ts';
import type { Trouble } from './trouble.ts';

/** What processes come and go in. */
export interface Cluster extends Pick<World, 'complain' | 'isAway'> {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly postgres: Postgres;
  /** Undefined: nodes share no facts. */
  readonly redis: SimulatedRedis | undefined;
  /** What was committed when. */
  readonly history: History;
  readonly calls: IssueCalls;
  readonly nextId: IdSource;
  readonly trouble: () => Trouble;
  /** Clocks of the processes, by their names. */
  readonly machines: Map<string, Machine>;
}
