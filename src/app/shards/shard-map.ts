import { EPOCH_MS } from '../../platform/kernel/ids.ts';
import type { NodeRange } from '../../platform/postgres/node-numbers.ts';
import { firstNodeOf, NODES_OF_A_PART } from '../node-ranges.ts';
import { type Era, SHARDED, SHARDS_MAX, type ShardedName, type ShardSettings } from '../variables/shard-variables.ts';

/** Processes of one shard at once. */
const NODES_OF_A_SHARD = NODES_OF_A_PART / SHARDS_MAX;

/** Which shard of a context has what. Shard 0 is the database from before there were several. */
export interface ShardMap {
  readonly eras: readonly Era[];
  /** Of all eras, also of those to come. */
  readonly shards: number;
  shardsAt(nowMs: number): number;
  /** The shard that made an id, by its node number; shard 0 for an id from before the first era. */
  shardOfId(id: bigint): number;
  /** The shard of a user's account: by a hash over all shards. Ids of other systems' users say nothing of a time. */
  shardOfUser(userId: bigint): number;
  /** `shardOfId` and `shardOfUser` as SQL, of a column. */
  sqlOfId(column: string): string;
  sqlOfUser(column: string): string;
  /** The node numbers of the processes of a shard. */
  nodesOf(shard: number): NodeRange;
}

/** The maps of the contexts with several shards. */
export type ShardMaps = Readonly<Partial<Record<ShardedName, ShardMap>>>;

export const shardMapsOf = ({ of }: ShardSettings): ShardMaps =>
  Object.fromEntries(
    SHARDED.flatMap((name) => {
      const context = of[name];
      return context === undefined ? [] : [[name, shardMap(context.eras, firstNodeOf(name))]];
    }),
  );

/** @param firstNode the first node number of the context */
export function shardMap(eras: readonly Era[], firstNode: number): ShardMap {
  const [first] = eras;
  if (first === undefined) throw new Error('a map of shards has at least one era');
  const shards = Math.max(...eras.map((era) => era.shards));
  const multiplier = multiplierOf(shards);
  const shardsAt = (nowMs: number): number => eras.findLast(({ sinceMs }) => sinceMs <= nowMs)?.shards ?? 1;
  return {
    eras,
    shards,
    shardsAt,
    shardOfId(id) {
      if (millisecondOf(id) < first.sinceMs) return 0;
      const shard = Math.floor((nodeOf(id) - firstNode) / NODES_OF_A_SHARD);
      // A number of no shard: what has this id does not exist, or was made when one process hosted everything.
      return shard >= 0 && shard < shards ? shard : 0;
    },
    shardOfUser: (userId) => Number(BigInt.asUintN(64, userId * multiplier) >> 32n) % shards,
    sqlOfId: (column) =>
      `case when ${millisecondSql(column)} >= ${first.sinceMs} and ${nodeSql(column)} between ${firstNode} and ${firstNode + shards * NODES_OF_A_SHARD - 1}
        then (${nodeSql(column)} - ${firstNode}) / ${NODES_OF_A_SHARD} else 0 end`,
    sqlOfUser: (column) =>
      `mod(trunc(mod(${column}::numeric * ${multiplier}, ${2n ** 64n}) / ${2n ** 32n}), ${shards})`,
    nodesOf(shard) {
      const from = firstNode + shard * NODES_OF_A_SHARD;
      return { first: from, last: from + NODES_OF_A_SHARD - 1 };
    },
  };
}

const millisecondOf = (id: bigint): number => Number(id >> 22n) + EPOCH_MS;
const nodeOf = (id: bigint): number => Number((id >> 12n) & 1023n);

/** 2^64 divided by the golden ratio: ids that differ in any bits differ in the upper half of the product. */
const GOLDEN = 0x9e3779b97f4a7c15n;
/**
 * Each number of shards has a hash of its own. With one hash, the accounts of shard 0 of four would all fit shard 0 of two, and a wrong
 * number would not show.
 */
const multiplierOf = (shards: number): bigint => BigInt.asUintN(64, GOLDEN ** BigInt(shards));

const millisecondSql = (column: string): string => `((${column} >> 22) + ${EPOCH_MS})`;
const nodeSql = (column: string): string => `((${column} >> 12) & 1023)`;

/** The name by which the processes of a shard are found, and named in metrics and logs. */
export const serviceNameOf = (name: string, shard: number): string => (shard === 0 ? name : `${name}.${shard}`);
