import type { CouponConsumer } from '../../contexts/coupon/module.ts';
import type { PointConsumer } from '../../contexts/point/module.ts';
import type { Delivery, EventBus, Handler } from '../../platform/events/bus.ts';
import { parseId } from '../../platform/kernel/id-text.ts';
import type { ShardMap } from './shard-map.ts';

/** Returns the shard that an event concerns; undefined: any may be concerned. */
type ShardOf = (event: Delivery['event'], map: ShardMap) => number | undefined;

/** Each shard handles the event, for what it has itself. */
const EVERY_SHARD: ShardOf = () => undefined;

/** For each consumer of the sharded contexts: a consumer that is missing here does not compile. */
const CONSUMERS: Readonly<Record<CouponConsumer | PointConsumer, ShardOf>> = {
  // Without a coupon's id a payment is matched with the reservations of its order, which one shard has.
  'coupon.payments': ({ data }, { shardOfId }) => onId(data['couponId'], shardOfId),
  // The policies of a store are in any shard, and so are those that an event triggers.
  'coupon.closed-stores': EVERY_SHARD,
  'coupon.event-policies': EVERY_SHARD,
  'point.order-earnings': ({ data }, { shardOfUser }) => onId(data['userId'], shardOfUser),
};

function onId(text: unknown, shardOf: (id: bigint) => number): number | undefined {
  const id = typeof text === 'string' ? parseId(text) : undefined;
  return id === undefined ? undefined : shardOf(id);
}

/** A bus whose consumers get the events that may concern this shard. Each shard reads all of them, as a consumer group of its own. */
export const shardBus = (bus: EventBus, map: ShardMap, own: number): EventBus<keyof typeof CONSUMERS> => ({
  ...bus,
  subscribe<Event extends Delivery<unknown>>(
    group: keyof typeof CONSUMERS,
    topics: readonly Event['topic'][],
    handler: Handler<Event>,
    batchMax?: number,
  ) {
    const shardOf = CONSUMERS[group];
    const handleOwn = async (batch: readonly Event[]): Promise<void> => {
      const events = batch.filter(({ event }) => (shardOf(event as Delivery['event'], map) ?? own) === own);
      if (events.length > 0) await handler(events);
    };
    bus.subscribe(group, topics, handleOwn, batchMax);
  },
});
