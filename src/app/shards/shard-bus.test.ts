import { expect, test } from 'vitest';
import type { Delivery, EventBus, Handler } from '../../platform/events/bus.ts';
import { firstNodeOf } from '../node-ranges.ts';
import { shardBus } from './shard-bus.ts';
import { shardMap } from './shard-map.ts';

const SHARDS = [0, 1, 2];
const MAP = shardMap([{ sinceMs: 0, shards: SHARDS.length }], firstNodeOf('point'));

type Group = Parameters<ReturnType<typeof shardBus>['subscribe']>[0];

/** The shards whose consumer gets an event with this content. */
async function shardsThatGet(group: Group, data: Readonly<Record<string, unknown>>): Promise<readonly number[]> {
  const found: number[] = [];
  for (const shard of SHARDS) {
    const handlers: Handler[] = [];
    const bus = { subscribe: (_: string, __: unknown, handler: Handler) => void handlers.push(handler) };
    shardBus(bus as unknown as EventBus, MAP, shard).subscribe(group, ['a topic'], async () => void found.push(shard));
    const delivery = { topic: 'a topic', key: 'k', event: { data } } as unknown as Delivery;
    for (const handler of handlers) await handler([delivery]);
  }
  return found;
}

test('points are earned by an order in the shard of its user alone', async () => {
  for (const userId of [7n, 8n, 9n, 2n ** 62n])
    expect(await shardsThatGet('point.order-earnings', { userId: String(userId) })).toEqual([MAP.shardOfUser(userId)]);
});

test('a payment with a coupon is handled in the shard of the coupon, and one without in every shard', async () => {
  const couponId = 5n << 22n;
  expect(await shardsThatGet('coupon.payments', { couponId: String(couponId) })).toEqual([MAP.shardOfId(couponId)]);
  expect(await shardsThatGet('coupon.payments', {})).toEqual(SHARDS);
});

test('a closed store and an event that triggers policies concern the policies of every shard', async () => {
  for (const group of ['coupon.closed-stores', 'coupon.event-policies'] as const)
    expect(await shardsThatGet(group, { userId: '7', storeId: '8' })).toEqual(SHARDS);
});
