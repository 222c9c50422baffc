import { PAYMENTS_CONSUMER } from '../../contexts/coupon/adapters/postgres/lifecycle/lifecycle-reads.ts';
import { EARNINGS_CONSUMER } from '../../contexts/point/application/earnings/on-order.ts';
import type { Delivery, EventBus } from '../../platform/events/bus.ts';
import { parseId } from '../../platform/kernel/id-text.ts';
import type { ShardMap } from './shard-map.ts';

/** Returns the shard that an event concerns; undefined: any may be concerned. */
type ShardOf = (event: Delivery['event'], map: ShardMap) => number | undefined;

/** Consumers whose events concern one shard. The others need every event in every shard, such as the closing of a store. */
const CONSUMERS: Readonly<Record<string, ShardOf>> = {
  // Without a coupon's id a payment is matched with the reservations of its order, which one shard has.
  [PAYMENTS_CONSUMER]: ({ data }, { shardOfId }) => onId(data['couponId'], shardOfId),
  [EARNINGS_CONSUMER]: ({ data }, { shardOfUser }) => onId(data['userId'], shardOfUser),
};

function onId(text: unknown, shardOf: (id: bigint) => number): number | undefined {
  const id = typeof text === 'string' ? parseId(text) : undefined;
  return id === undefined ? undefined : shardOf(id);
}

/** A bus whose consumers get the events that may concern this shard. Each shard reads all of them, as a consumer group of its own. */
export const shardBus = (bus: EventBus, map: ShardMap, own: number): EventBus => ({
  ...bus,
  subscribe(group, topics, handler, batchMax) {
    const shardOf = CONSUMERS[group] ?? (() => undefined);
    const handleOwn = async (batch: readonly Delivery[]): Promise<void> => {
      const events = batch.filter(({ event }) => (shardOf(event, map) ?? own) === own);
      if (events.length > 0) await handler(events);
    };
    bus.subscribe(group, topics, handleOwn, batchMax);
  },
});
