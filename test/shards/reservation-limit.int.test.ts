import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shardAt } from '../../src/app/shards/sharded-api.ts';
import type { CouponService } from '../../src/contexts/coupon/api.ts';
import { RESERVATIONS_MAX, uncountedMaxOf } from '../../src/contexts/coupon/domain/lifecycle/reserve.ts';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { codeOf } from '../checkout/fixture.ts';
import { type ShardsFixture, shardsFixture } from './fixture.ts';

const SHARDS = [0, 1] as const;
const COUNTS = 'select is_ended as "isEnded" from coupon.reservation_counts where user_id = $1';

describe('the reservations of a user over two shards', () => {
  let on: ShardsFixture;
  beforeAll(async () => {
    on = await shardsFixture();
  });
  afterAll(async () => {
    const violations = await on.violations();
    await on.close();
    expect(violations).toEqual([]);
  });

  /** So many coupons of the user in these shards in turn. */
  async function coupons(userId: bigint, count: number, shards: readonly number[] = SHARDS): Promise<bigint[]> {
    const ids: bigint[] = [];
    for (let index = 0; index < count; index++)
      ids.push((await on.couponIn(shards[index % shards.length] ?? 0, userId)).id);
    return ids;
  }
  const reserve = async (
    userId: bigint,
    couponId: bigint,
    { api = on.coupon, countToken }: { readonly api?: CouponService; readonly countToken?: bigint } = {},
  ): Promise<string> =>
    codeOf(
      await api.reserveCoupon({
        reservationId: `r-${couponId}`,
        userId,
        couponId,
        orderAmount: 10_000n,
        origin: 'CHECKOUT',
        lines: [],
        countToken,
      }),
    );
  const release = (userId: bigint, couponId: bigint) =>
    on.coupon.releaseReservation({ reservationId: `r-${couponId}`, userId, couponId, origin: 'CHECKOUT' });
  const shard = (index: number): CouponService => shardAt(on.couponShards, index);
  const countsOf = (userId: bigint) => Promise.all(SHARDS.map((index) => on.sql(index, COUNTS, [userId])));
  const pendingOf = async (userId: bigint): Promise<number> => {
    const rows = await Promise.all(
      SHARDS.map((index) =>
        on.sql(index, `select 1 from coupon.coupon_reservations where user_id = $1 and status = 'PENDING'`, [userId]),
      ),
    );
    return rows.flat().length;
  };

  test.each([
    ['both shards', SHARDS],
    ['shard 0', [0]],
    ['shard 1', [1]],
  ])('a user with coupons in %s reserves as many as the limit one after the other, and no more', async (_, shards) => {
    const userId = on.newUser();
    const ids = await coupons(userId, RESERVATIONS_MAX + 2, shards);
    const codes: string[] = [];
    for (const id of ids) codes.push(await reserve(userId, id));
    expect(codes).toEqual([
      ...Array(RESERVATIONS_MAX).fill('reserved'),
      'RESERVATION_CONFLICT',
      'RESERVATION_CONFLICT',
    ]);
    // A repeat gets its reservation, although there is no room for another one.
    expect(await reserve(userId, ids[0] ?? 0n)).toBe('reserved');
    await release(userId, ids[0] ?? 0n);
    expect(await reserve(userId, ids.at(-1) ?? 0n)).toBe('reserved');
    expect(await pendingOf(userId)).toBe(RESERVATIONS_MAX);
  });

  test('requests at the same time on two gateways reserve no more coupons of a user than the limit, and as many', async () => {
    const userId = on.newUser();
    const ids = await coupons(userId, RESERVATIONS_MAX + 6);
    const gateways = [on.coupon, on.otherGateway()];
    const all = async () =>
      await Promise.all(
        ids.map((id, index) =>
          reserve(userId, id, { api: shardAt(gateways, index % 2) }).catch((error: Error) => error.name),
        ),
      );
    await all();
    expect(await pendingOf(userId)).toBeLessThanOrEqual(RESERVATIONS_MAX);
    // A request that gave way to counts of others may be repeated.
    for (const id of ids) await reserve(userId, id);
    expect(await pendingOf(userId)).toBe(RESERVATIONS_MAX);
  });

  test('a user with few reservations in each shard is counted in none, also after having had many', async () => {
    const userId = on.newUser();
    const few = uncountedMaxOf(SHARDS.length);
    const ids = await coupons(userId, few + 3, [0]);
    for (const id of ids.slice(0, few)) expect(await reserve(userId, id)).toBe('reserved');
    expect(await countsOf(userId)).toEqual([[], []]);
    expect(await reserve(userId, ids[few] ?? 0n)).toBe('reserved');
    expect(await countsOf(userId)).toEqual([[{ isEnded: false }], [{ isEnded: false }]]);
    on.later(11 * MINUTE_MS);
    expect(await reserve(userId, ids[few + 1] ?? 0n)).toBe('reserved');
    expect(await countsOf(userId)).toEqual([[{ isEnded: true }], [{ isEnded: true }]]);
    // Without a call to the other shard.
    const away = { ...shard(1), countReservations: () => Promise.reject(new Error('away')) };
    const gateway = on.otherGateway([shard(0), away]);
    expect(await reserve(userId, ids[few + 2] ?? 0n, { api: gateway })).toBe('reserved');
  });

  test('of two counts the one with the newer token allows its reservation, in whichever order they go on', async () => {
    for (const first of SHARDS) {
      const userId = on.newUser();
      const [one, other] = await coupons(userId, 2);
      const count = (index: number, token: bigint) => shard(index).countReservations({ userId, token });
      const second = 1 - first;
      expect((await count(first, 5n)).newest).toBe(5n);
      expect((await count(first, 7n)).newest).toBe(7n);
      expect((await count(second, 7n)).newest).toBe(7n);
      // The older one goes on.
      expect((await count(second, 5n)).newest).toBe(7n);
      expect(await reserve(userId, one ?? 0n, { api: shard(0), countToken: 5n })).toBe('RESERVATIONS_NOT_COUNTED');
      expect(await reserve(userId, other ?? 0n, { api: shard(1) })).toBe('RESERVATIONS_NOT_COUNTED');
      expect(await reserve(userId, other ?? 0n, { api: shard(1), countToken: 7n })).toBe('reserved');
      // It does not begin after the newer one has ended, either.
      await shard(second).endReservationCount({ userId, token: 5n });
      expect(await reserve(userId, one ?? 0n, { api: shard(0) })).toBe('RESERVATIONS_NOT_COUNTED');
      for (const index of SHARDS) await shard(index).endReservationCount({ userId, token: 7n });
      expect((await count(first, 6n)).newest).toBe(7n);
      expect(await reserve(userId, one ?? 0n, { api: shard(0) })).toBe('reserved');
    }
  });

  test('a count waits for a reservation that is being made, and counts it', async () => {
    const userId = on.newUser();
    const [id = 0n] = await coupons(userId, 1, [0]);
    const client = await on.pool(0).connect();
    try {
      await client.query('begin');
      // The reservation waits for its coupon, with the lock of its user.
      await client.query('select 1 from coupon.coupon_issues where id = $1 for update', [id]);
      const waitingOn = async (event: string) =>
        (
          await on.sql(
            0,
            `select 1 from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock' and wait_event = $1`,
            [event],
          )
        ).length;
      const reserving = reserve(userId, id, { api: shard(0) });
      await expect.poll(() => waitingOn('transactionid'), { timeout: 60_000 }).toBe(1);
      const counting = shard(0).countReservations({ userId, token: 1n });
      await expect.poll(() => waitingOn('advisory'), { timeout: 60_000 }).toBe(1);
      await client.query('commit');
      expect(await reserving).toBe('reserved');
      expect((await counting).pending).toBe(1);
    } finally {
      client.release();
    }
  });
});
