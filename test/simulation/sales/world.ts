import type { OrderReader, OrderStore } from '../../../src/contexts/order/application/ports.ts';
import type { MemoryOrders } from '../../../src/contexts/order/test/memory/order-store.ts';
import type { IdSource } from '../../../src/platform/kernel/ids.ts';
import type { Network } from '../cluster/network.ts';
import type { SimulatedRedis } from '../cluster/redis.ts';
import type { Kernel, Owner } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import type { World } from '../world.ts';
import type { SaleHistory } from './history.ts';
import type { Trouble } from './trouble.ts';

/** What processes that take orders at time sales come and go in. */
export interface SaleWorld extends Pick<World, 'complain' | 'isAway'> {
  readonly kernel: Kernel;
  readonly network: Network;
  /** Undefined: nodes share no facts. */
  readonly redis: SimulatedRedis | undefined;
  /** The server of the database, with what is committed. A transaction is one step of it. */
  readonly postgres: Owner;
  readonly state: MemoryOrders;
  readonly store: OrderStore & OrderReader;
  readonly history: SaleHistory;
  readonly nextId: IdSource;
  readonly trouble: () => Trouble;
  /** Clocks of the processes, by their names. */
  readonly machines: Map<string, Machine>;
}
