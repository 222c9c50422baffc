import type { Delivery } from '../../../src/platform/events/bus.ts';
import { Unavailable } from '../../../src/platform/kernel/refusal.ts';
import { classifyFailure } from '../../../src/platform/postgres/failures.ts';
import { handleOnce } from '../../../src/platform/postgres/inbox.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import type { Owner } from '../kernel.ts';
import { openMachine } from '../machine.ts';
import { openNodeTime } from '../node-time.ts';
import { databaseOf } from './database.ts';
import { COUNT_EFFECTS } from './event-statements.ts';
import type { Publish } from './relaying.ts';
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
const BATCH_MAX = 8;
const SPACING_MS = 300;
const RETRY_MS = 300;
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

  let arrival = Promise.withResolvers<void>();
  const isDrained = () => partitions.every(({ log, committed }) => committed === log.length);

  async function consume(owner: Owner): Promise<void> {
    const time = openNodeTime(cluster, owner, openMachine(chance, kernel.clock));
    const { pool } = databaseOf(cluster, owner, time);
    for (;;) {
      if (isDrained()) await arrival.promise;
      await kernel.until(owner, kernel.clock() + chance.below(SPACING_MS), '');
      const waiting = partitions.filter(({ log, committed }) => committed < log.length);
      if (waiting.length === 0) continue;
      const partition = chance.of(waiting);
      const from = Math.max(0, partition.committed - (chance.happens(cluster.trouble().duplicate) ? 2 : 0));
      const batch = partition.log.slice(from, from + chance.between(1, BATCH_MAX));
      try {
        await inTransaction(pool, async (client) => {
          const fresh = await handleOnce(client, CONSUMER, batch);
          const coupons = fresh
            .filter(({ topic }) => topic === 'coupon.issued')
            .map(({ event }) => event.data['couponId']);
          await client.query(COUNT_EFFECTS, [coupons]);
        });
        // The position is stored after the effect: an end in between delivers again.
        await kernel.turn(owner, '');
        partition.committed = Math.max(partition.committed, from + batch.length);
      } catch (error) {
        if (classifyFailure(error) === 'poison') complain(`the consumer failed: ${String(error)}`);
        await kernel.until(owner, kernel.clock() + RETRY_MS, '');
      }
    }
  }

  return {
    async publish(from, batch) {
      await network.carry(from, broker);
      const { duplicate, loseRequest } = cluster.trouble();
      if (chance.happens(loseRequest)) {
        await network.carry(broker, from);
        throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'the bus takes no events');
      }
      for (const delivery of batch) {
        const partition = partitions[Number(BigInt(delivery.key) % BigInt(PARTITIONS))];
        partition?.log.push(delivery);
      }
      arrival.resolve();
      arrival = Promise.withResolvers();
      const isLost = chance.happens(duplicate);
      await network.carry(broker, from);
      if (isLost) throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'the response of the bus is lost');
    },
    isDrained,
    openConsumer() {
      const owner: Owner = { name: 'consumer', status: 'UP' };
      void consume(owner);
      return owner;
    },
  };
}
