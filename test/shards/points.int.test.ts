import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstNodeOf } from '../../src/app/node-ranges.ts';
import { assertOwnData } from '../../src/app/shards/own-shard.ts';
import { shardMap } from '../../src/app/shards/shard-map.ts';
import { readTarget } from '../../src/app/targets.ts';
import { codeOf, given } from '../checkout/fixture.ts';
import { testDatabase } from '../support/postgres.ts';
import { ADMIN, type ShardsFixture, shardsFixture } from './fixture.ts';

const POINT = readTarget('point');
const GIFT = { principal: ADMIN, reason: 'gift', expiresAt: undefined, availableAt: undefined };

describe('points over two databases', () => {
  let on: ShardsFixture;
  beforeAll(async () => {
    on = await shardsFixture();
  });
  afterAll(async () => {
    const violations = await on.violations();
    await on.close();
    expect(violations).toEqual([]);
  });

  /** Users with an account in each shard. */
  const users = (): bigint[] => {
    const found = new Map<number, bigint>();
    while (found.size < 2) {
      const user = on.newUser();
      found.set(on.maps.point.shardOfUser(user), user);
    }
    return [found.get(0) ?? 0n, found.get(1) ?? 0n];
  };

  test('the account of a user is in one shard, and what it did is found there', async () => {
    for (const [shard, userId] of users().entries()) {
      const { id } = given((await on.point.chargePoints({ userId, amount: 1_000n, key: randomUUID() })).outcome);
      expect(on.maps.point.shardOfId(id)).toBe(shard);
      const balances = await Promise.all(on.pointShards.map((point) => point.getBalance({ userId })));
      expect(balances.map(({ balance }) => balance)).toEqual(shard === 0 ? [1_000n, 0n] : [0n, 1_000n]);
      expect((await on.point.listHistory({ userId, page: undefined })).transactions.map((each) => each.id)).toEqual([
        id,
      ]);
      const cancelled = await on.point.cancelTransaction({ principal: ADMIN, transactionId: id, reason: 'a test' });
      expect(given(cancelled.outcome).amount).toBe(-1_000n);
      expect((await on.point.getBalance({ userId })).balance).toBe(0n);
    }
  });

  test('points are held, captured and given back in the shard of their user', async () => {
    for (const userId of users()) {
      await on.point.earnPoints({ ...GIFT, userId, amount: 900n, key: randomUUID() });
      expect(codeOf(await on.point.holdPoints({ userId, orderId: '7', amount: 500n }))).toBe('hold');
      expect(codeOf(await on.point.captureHold({ userId, orderId: '7' }))).toBe('hold');
      expect(codeOf(await on.point.spendPoints({ userId, orderId: '8', amount: 500n }))).toBe('INSUFFICIENT_POINTS');
      await on.point.refundCapture({ userId, orderId: '7', refundId: '1', amount: 200n });
      expect((await on.point.getBalance({ userId })).available).toBe(600n);
    }
  });

  test('many charges of users of both shards at once all count, and each once', async () => {
    const all = Array.from({ length: 20 }, () => on.newUser());
    const charge = (userId: bigint) => on.point.chargePoints({ userId, amount: 10n, key: 'same' });
    await Promise.all([...all, ...all, ...all].map(charge));
    const balances = await Promise.all(all.map((userId) => on.point.getBalance({ userId })));
    expect(balances.map(({ balance }) => balance)).toEqual(all.map(() => 10n));
    expect(new Set(all.map((userId) => on.maps.point.shardOfUser(userId)))).toEqual(new Set([0, 1]));
  });

  test('a shard does not start where an account is not of it: on the database of another shard, or with another number of shards', async () => {
    // Users of a login of the shop's own: their ids are any numbers.
    const all = Array.from({ length: 40 }, (_, index) => 2n ** 62n + 7_919n * BigInt(index));
    for (const userId of all) await on.point.chargePoints({ userId, amount: 10n, key: 'foreign' });
    const start = (shard: number, shards: number, own = shard) => {
      const map = shardMap([{ sinceMs: 0, shards }], firstNodeOf('point'));
      return assertOwnData(on.pool(shard), POINT, { name: 'point', map, own }, Date.now());
    };
    for (const shard of [0, 1]) {
      for (const shards of [3, 4, 8]) await expect(start(shard, shards)).rejects.toThrow(/Accounts do not move/);
      await expect(start(shard, 2, 1 - shard)).rejects.toThrow(/The account of user \d+ is in this database/);
      await expect(start(shard, 2)).resolves.toBeUndefined();
    }
  });

  test('a shard does not start with another number of shards than its first process, nor without shards, also before there are accounts', async () => {
    const empty = await testDatabase();
    const pool = new pg.Pool({ connectionString: empty.url });
    try {
      const start = (shards: number, own: number) => {
        const map = shardMap([{ sinceMs: 0, shards }], firstNodeOf('point'));
        return assertOwnData(pool, POINT, { name: 'point', map, own }, Date.now());
      };
      await expect(assertOwnData(pool, POINT, undefined, Date.now())).resolves.toBeUndefined();
      await expect(start(2, 1)).resolves.toBeUndefined();
      await expect(start(2, 1)).resolves.toBeUndefined();
      await expect(start(3, 1)).rejects.toThrow(
        /has shard 1 of point, with POINT_SHARDS=2, and this process has shard 1 with 3/,
      );
      await expect(start(2, 0)).rejects.toThrow(/this process has shard 0 with 2/);
      await expect(assertOwnData(pool, POINT, undefined, Date.now())).rejects.toThrow(/Set POINT_SHARDS=2 and SHARD=1/);
    } finally {
      await pool.end();
      await empty.drop();
    }
  });

  test('a shard of coupons starts with further eras than its last process, and not with fewer of them', async () => {
    const empty = await testDatabase();
    const pool = new pg.Pool({ connectionString: empty.url });
    const first = { sinceMs: 0, shards: 2 };
    const start = (...eras: readonly (typeof first)[]) => {
      const map = shardMap(eras, firstNodeOf('coupon'));
      return assertOwnData(pool, { parts: new Set(['coupon']) }, { name: 'coupon', map, own: 1 }, Date.now());
    };
    const [second, third] = [4, 6].map((shards) => ({ sinceMs: Date.now() + shards * 1_000, shards }));
    if (second === undefined || third === undefined) throw new Error('there are three eras');
    try {
      await start(first);
      await start(first, second, third);
      await start(first, second, third);
      await expect(start(first, second)).rejects.toThrow(/Further eras may follow/);
      await expect(start(first, third)).rejects.toThrow(/this process has shard 1 with 2,6@/);
    } finally {
      await pool.end();
      await empty.drop();
    }
  });

  test.each(['coupon', 'point'] as const)(
    'one of two shards of %s that start at once on a new database starts',
    async (name) => {
      const empty = await testDatabase();
      const pool = new pg.Pool({ connectionString: empty.url });
      const map = shardMap([{ sinceMs: 0, shards: 2 }], firstNodeOf(name));
      const start = (own: number) => assertOwnData(pool, { parts: new Set([name]) }, { name, map, own }, Date.now());
      try {
        for (let time = 0; time < 5; time++) {
          await pool.query('delete from platform.shards');
          const started = await Promise.allSettled([start(0), start(1)]);
          expect(started.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
          const refused = started.find((each) => each.status === 'rejected');
          expect(refused?.reason).toMatchObject({ message: expect.stringContaining(`This database has shard`) });
        }
      } finally {
        await pool.end();
        await empty.drop();
      }
    },
  );
});
