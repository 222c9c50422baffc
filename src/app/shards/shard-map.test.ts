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
const times = fc.integer({ min: EPOCH_MS, max: Date.UTC(2080, 0, 1) });

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

  it('keeps the account of a user in the shard of the time at which the user signed up', () => {
    fc.assert(
      fc.property(times, numbers, (atMs, node) => {
        const user = idOf(atMs, node);
        const before = shardMap(grown.eras.slice(0, 1), FIRST_NODE);
        if (atMs < SINCE_MS) expect(grown.shardOfUser(user)).toBe(0);
        if (atMs < SINCE_MS + 1_000_000) expect(grown.shardOfUser(user)).toBe(before.shardOfUser(user));
      }),
    );
  });

  it('spreads users evenly over the shards, also those that signed up one after the other', () => {
    const users = Array.from({ length: 4_000 }, (_, index) => idOf(SINCE_MS + 2_000_000 + 1_000 * index, 130));
    const counts = [0, 0, 0, 0];
    for (const user of users) counts[grown.shardOfUser(user)] = (counts[grown.shardOfUser(user)] ?? 0) + 1;
    for (const count of counts) expect(count).toBeGreaterThan(800);
  });

  it('knows how many shards there are at a time', () => {
    expect([0, SINCE_MS - 1, SINCE_MS, SINCE_MS + 1_000_000].map((atMs) => grown.shardsAt(atMs))).toEqual([1, 1, 2, 4]);
    expect(grown.shards).toBe(4);
  });
});
