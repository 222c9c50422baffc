import type { Delivery } from '../../../src/platform/events/bus.ts';
import { Unavailable } from '../../../src/platform/kernel/refusal.ts';
import { placeOf } from '../../../src/platform/postgres/event-ids.ts';
import { classifyFailure } from '../../../src/platform/postgres/failures.ts';
import { handleOnce } from '../../../src/platform/postgres/inbox.ts';
import { inTransaction } from '../../../src/platform/postgres/transaction.ts';
import type { Owner } from '../kernel.ts';
import { openMachine } from '../machine.ts';
import { openNodeTime } from '../node-time.ts';
import { databaseOf } from './database.ts';
import { COUNT_EFFECTS } from './event-statements.ts';
import { type Channel, channel } from './network.ts';
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

  const channels = new Map<Owner, Channel>();
  function channelOf(from: Owner): Channel {
    const known = channels.get(from) ?? channel(network);
    channels.set(from, known);
    return known;
  }

  /** Of each key, the last commit whose events were published. */
  const last = new Map<string, number>();
  const published = new Set<string>();

  /** The events of a key have the order of their commits. What is published again is not new. */
  function checkOrder({ key, event: { eventId } }: Delivery): void {
    if (published.has(eventId)) return;
    published.add(eventId);
    const row = BigInt(placeOf(eventId).source.split('-')[1] as string);
    const commit = cluster.postgres.tables.commits.get(row) ?? 0;
    if (commit < (last.get(key) ?? 0)) complain(`an event of ${key} was published after a later one`);
    last.set(key, Math.max(commit, last.get(key) ?? 0));
  }

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
      const { duplicate, loseRequest } = cluster.trouble();
      // At once: a row that a bus refuses later must not be overtaken either, which is the business of each bus.
      if (chance.happens(loseRequest)) throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'the bus takes no events');
      await channelOf(from)(from, broker);
      for (const delivery of batch) {
        checkOrder(delivery);
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
