import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EPOCH_MS } from '../../platform/kernel/ids.ts';
import { shardMap } from './shard-map.ts';

const FIRST_NODE = 384;
const SINCE_MS = Date.UTC(2026, 11, 1);
const map = shardMap([{ sinceMs: 0, shards: 2 }], FIRST_NODE);
const grown = shardMap(
  [
    { sinceMs: SINCE_MS, shards: 2 },
    { sinceMs: SINCE_MS + 1_000_000, shards: 4 },
  ],
  FIRST_NODE,
);

const idOf = (atMs: number, node: number): bigint => (BigInt(atMs - EPOCH_MS) << 22n) | BigInt(node << 12);
const numbers = fc.nat(1023);
const fixed = (shards: number) => shardMap([{ sinceMs: 0, shards }], FIRST_NODE);

describe('a map of shards', () => {
  it('finds the shard of an id by each node number of the shard', () => {
    for (const shard of [0, 1]) {
      const { first, last } = map.nodesOf(shard);
      for (let node = first; node <= last; node++) expect(map.shardOfId(idOf(SINCE_MS, node))).toBe(shard);
    }
  });

  it('gives each shard node numbers of its own within those of the context', () => {
    const all = Array.from({ length: 8 }, (_, shard) => grown.nodesOf(shard));
    expect(all.map(({ first }) => first)).toEqual([384, 400, 416, 432, 448, 464, 480, 496]);
    expect(all.at(-1)).toEqual({ first: 496, last: 511 });
  });

  it('takes an id from before the first era for one of shard 0, whatever node made it', () => {
    fc.assert(
      fc.property(fc.integer({ min: EPOCH_MS, max: SINCE_MS - 1 }), numbers, (atMs, node) => {
        expect(grown.shardOfId(idOf(atMs, node))).toBe(0);
      }),
    );
  });

  it('never names a shard that does not exist', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 63n - 1n), (id) => {
        expect(map.shardOfId(id)).toBeLessThan(2);
        expect(grown.shardOfId(id)).toBeLessThan(4);
        expect(grown.shardOfUser(id)).toBeLessThan(4);
      }),
    );
  });

  const SIGN_UPS = {
    'ids of Stampede, from one second to the next': (index: number) => idOf(SINCE_MS - 2_000_000 + 1_000 * index, 130),
    'small numbers': (index: number) => BigInt(index + 1),
    'large numbers': (index: number) => 2n ** 62n + 7_919n * BigInt(index),
    'snowflakes with an epoch of 2010': (index: number) =>
      (BigInt(Date.UTC(2026, 5, 1) - 1_288_834_974_657 + index) << 22n) | BigInt(index % 4_096),
  };

  it.each(Object.entries(SIGN_UPS))('spreads users evenly over any number of shards, whose ids are %s', (_, userOf) => {
    for (let shards = 2; shards <= 8; shards++) {
      const { shardOfUser } = fixed(shards);
      const counts = Array.from({ length: shards }, () => 0);
      for (let index = 0; index < 4_000; index++) {
        const shard = shardOfUser(userOf(index));
        counts[shard] = (counts[shard] ?? 0) + 1;
      }
      for (const count of counts) expect(count).toBeGreaterThan((4_000 / shards) * 0.7);
    }
  });

  it.each(Object.entries(SIGN_UPS))(
    'has accounts in each shard that do not fit it by another number of shards, whose users are %s',
    (_, userOf) => {
      const users = Array.from({ length: 1_000 }, (__, index) => userOf(index));
      for (let shards = 2; shards <= 8; shards++) {
        for (let other = 2; other <= 8; other++) {
          if (other === shards) continue;
          const misfits = users.filter((user) => fixed(shards).shardOfUser(user) !== fixed(other).shardOfUser(user));
          const shardsOfMisfits = new Set(misfits.map((user) => fixed(shards).shardOfUser(user)));
          expect([shards, other, shardsOfMisfits.size]).toEqual([shards, other, shards]);
        }
      }
    },
  );

  it('reads no time out of the id of a user', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 63n - 1n), fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), (user, sinceMs) => {
        expect(shardMap([{ sinceMs, shards: 4 }], FIRST_NODE).shardOfUser(user)).toBe(fixed(4).shardOfUser(user));
      }),
    );
  });

  it('knows how many shards there are at a time', () => {
    expect([0, SINCE_MS - 1, SINCE_MS, SINCE_MS + 1_000_000].map((atMs) => grown.shardsAt(atMs))).toEqual([1, 1, 2, 4]);
    expect(grown.shards).toBe(4);
  });
});
