import type {
  MoneyReader,
  OrderReader,
  OrderStore,
  PlacedKeyReader,
} from '../../../src/contexts/order/application/ports.ts';
import { ConnectionLost } from '../../../src/platform/postgres/failures.ts';
import type { Owner } from '../kernel.ts';
import type { NodeTime } from '../node-time.ts';
import { simulatedSession } from '../session.ts';
import type { SaleWorld } from './world.ts';

/** The database as one process reaches it. */
export interface SaleDatabase {
  readonly store: OrderStore;
  readonly reader: OrderReader & MoneyReader;
  readonly keys: PlacedKeyReader;
}

export function saleDatabase(world: SaleWorld, owner: Owner, time: NodeTime): SaleDatabase {
  const { kernel, network, postgres, store } = world;
  const session = simulatedSession(world, owner);

  /** `run` is one step of the server, and ends also when the process is killed meanwhile. */
  async function roundTrip<Result>(run: () => Promise<Result>): Promise<Result> {
    await network.carry(owner, postgres);
    const result = await run();
    await network.carry(postgres, owner);
    return result;
  }

  async function read<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = await roundTrip(run);
    if (kernel.chance.happens(world.trouble().abort)) throw new ConnectionLost('the connection broke');
    return result;
  }

  return {
    store: {
      async changeBatch(inputs, decide) {
        const sentMs = time.estimate();
        return await session.transaction(async () => {
          const [changed, databaseMs] = await roundTrip(
            async () => [await store.changeBatch(inputs, decide), kernel.clock()] as const,
          );
          time.observe(databaseMs, sentMs);
          return changed;
        });
      },
    },
    reader: {
      findOrder: (id) => read(() => store.findOrder(id)),
      findPayment: (id) => read(() => store.findPayment(id)),
      findRefund: (id) => read(() => store.findRefund(id)),
      listOrders: unexpected,
      paymentsOf: unexpected,
      refundsOf: unexpected,
      dueOrders: (nowMs, limit) => read(() => store.dueOrders(nowMs, limit)),
      dueRefunds: (nowMs, limit) => read(() => store.dueRefunds(nowMs, limit)),
      nextDueMs: unexpected,
    },
    keys: {
      arePlaced: (keys) =>
        read(async () => keys.map(({ userId, key }) => world.history.placed(userId, key) !== undefined)),
    },
  };
}

function unexpected(): never {
  throw new Error('a list was read');
}
