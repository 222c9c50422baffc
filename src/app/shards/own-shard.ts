import type pg from 'pg';
import { StartError } from '../../platform/kernel/start-error.ts';
import { firstNodeOf, NODES_OF_A_PART } from '../node-ranges.ts';
import type { Target } from '../service-variables.ts';
import { isSharded, type ShardedName, type ShardSettings, shardsVariable } from '../shard-variables.ts';
import { type ShardMap, shardMapsOf } from './shard-map.ts';

/** The shard of a context that this process has. */
export interface OwnShard {
  readonly name: ShardedName;
  readonly map: ShardMap;
  readonly own: number;
}

export function ownShardOf({ parts, isComplete }: Target, settings: ShardSettings): OwnShard | undefined {
  const { own } = settings;
  if (own === undefined || isComplete) return undefined;
  const maps = shardMapsOf(settings);
  return [...parts].filter(isSharded).flatMap((name) => {
    const map = maps[name];
    return map === undefined ? [] : [{ name, map, own }];
  })[0];
}

const LATEST = `
  select max(ids_until_ms)::float8 as "untilMs" from platform.node_leases
  where node between $1 and $2 and not node between $3 and $4`;

/**
 * Ids name their shard from the first era on, so no other process may have made ids in this database since then: one of another shard, or one
 * that knows of no shards.
 * @throws StartError
 */
export async function assertOwnIds(
  pool: Pick<pg.Pool, 'query'>,
  { name, map, own }: OwnShard,
  nowMs: number,
): Promise<void> {
  const sinceMs = map.eras[0]?.sinceMs ?? 0;
  const variable = shardsVariable(name);
  if (own > 0 && nowMs < sinceMs) {
    throw new StartError(
      `${variable} begins at ${new Date(sinceMs).toISOString()}. Start shard ${own} of ${name} after that.`,
    );
  }
  const { first, last } = map.nodesOf(own);
  const all = firstNodeOf(name);
  const { rows } = await pool.query<{ untilMs: number }>(LATEST, [all, all + NODES_OF_A_PART - 1, first, last]);
  const untilMs = rows[0]?.untilMs ?? 0;
  if (untilMs <= sinceMs) return;
  throw new StartError(
    `Ids of ${name} that are not of shard ${own} were made in this database until ${new Date(untilMs).toISOString()}. Correct its URL or SHARD; or end the processes without ${variable}, and set it to begin later than that.`,
  );
}
