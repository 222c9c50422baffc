import { Unavailable } from '../../../src/platform/kernel/refusal.ts';
import type { Delivery } from '../../../src/platform/events/bus.ts';
import { classifyFailure } from '../../../src/platform/postgres/failures.ts';
import { handleOnce } from '../../../src/platform/postgres/inbox.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import type { Owner } from '../kernel.ts';
import { openMachine } from '../machine.ts';
import { openNodeTime } from '../node-time.ts';
import { databaseOf } from './database.ts';
import type { Publish } from './relaying.ts';
import { COUNT_EFFECTS } from './statements.ts';
import type { Cluster } from './world.ts';

/** A log in partitions, as Kafka keeps it: each event at least once, in order within its partition. */
export interface Bus {
  readonly publish: Publish;
  /** All that is stored was consumed. */
  isDrained(): boolean;
  /** Starts a process that consumes it. The one before has ended. */
  openConsumer(): Owner;
}

const PARTITIONS = 2;
const BATCH_MAX = 4;
const POLL_MS = 400;
const CONSUMER = 'simulation.effects';

interface Partition {
  readonly log: Delivery[];
  /** What is before it was handled, as the bus knows. */
  committed: number;
}

export function openBus(cluster: Cluster): Bus {
  const { kernel, network, complain } = cluster;
  const { chance } = kernel;
  const broker: Owner = { name: 'bus', status: 'UP' };
  const partitions = Array.from({ length: PARTITIONS }, (): Partition => ({ log: [], committed: 0 }));

  async function consume(owner: Owner, partition: Partition): Promise<void> {
    const time = openNodeTime(cluster, owner, openMachine(chance, kernel.clock));
    const { pool } = databaseOf(cluster, owner, time);
    for (;;) {
      await kernel.until(owner, kernel.clock() + (partition.committed < partition.log.length ? 0 : POLL_MS), '');
      // The position is committed after the effect, so an end in between delivers again.
      const from = Math.max(0, partition.committed - (chance.happens(cluster.trouble().duplicate) ? 2 : 0));
      const batch = partition.log.slice(from, from + chance.between(1, BATCH_MAX));
      if (batch.length === 0) continue;
      try {
        await inTransaction(pool, async (client) => {
          const fresh = await handleOnce(client, CONSUMER, batch);
          const coupons = fresh.filter(({ topic }) => topic === 'coupon.issued').map(({ event }) => event.data['couponId']);
          await client.query(COUNT_EFFECTS, [coupons]);
        });
        await kernel.turn(owner, '');
        partition.committed = Math.max(partition.committed, from + batch.length);
      } catch (error) {
        if (classifyFailure(error) === 'poison') complain(`the consumer failed: ${String(error)}`);
      }
    }
  }

  return {
    async publish(from, batch) {
      await network.carry(from, broker);
      for (const delivery of batch) {
        const partition = partitions[Number(BigInt(delivery.key) % BigInt(PARTITIONS))];
        partition?.log.push(delivery);
      }
      const isLost = chance.happens(cluster.trouble().duplicate);
      await network.carry(broker, from);
      if (isLost) throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'the response of the bus is lost');
    },
    isDrained: () => partitions.every(({ log, committed }) => committed === log.length),
    openConsumer() {
      const owner: Owner = { name: 'consumer', status: 'UP' };
      for (const partition of partitions) void consume(owner, partition);
      return owner;
    },
  };
}
