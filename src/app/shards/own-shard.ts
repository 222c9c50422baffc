import type pg from 'pg';
import { StartError } from '../../platform/kernel/start-error.ts';
import { firstNodeOf, NODES_OF_A_PART } from '../node-ranges.ts';
import type { Target } from '../parts.ts';
import {
  erasText,
  isSharded,
  SHARDED,
  type ShardedName,
  type ShardSettings,
  shardsVariable,
} from '../variables/shard-variables.ts';
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

/** Of some accounts, by the user: a start has to end in time with many. */
const accountsOf = ({ map, own }: OwnShard): string => `
  select max(user_id) as last, min(user_id) filter (where ${map.sqlOfUser('user_id')} <> ${own}) as misfit
  from (select user_id from point.accounts where user_id > $1 order by user_id limit 100000) as page`;

type Queries = Pick<pg.Pool, 'query'>;

const STORED = 'select context, shard, eras from platform.shards';

interface StoredShard {
  readonly context: string;
  readonly shard: number;
  readonly eras: string;
}

/**
 * A database is that of its shard among so many, which the first process of the shard stores in it. Another URL, SHARD or number of shards
 * would serve users that have points elsewhere with empty accounts, and so would a process that knows of no shards.
 * @param shard undefined: the contexts of this process have no shards
 * @throws StartError
 */
export async function assertOwnData(
  pool: Queries,
  { parts }: Pick<Target, 'parts'>,
  shard: OwnShard | undefined,
  nowMs: number,
): Promise<void> {
  const { rows } = await pool.query<StoredShard>(STORED);
  for (const name of SHARDED) {
    const stored = rows.find(({ context }) => context === name);
    if (name === shard?.name) await assertOwnShard(pool, shard, stored, nowMs);
    else if (parts.has(name) && stored !== undefined) {
      throw new StartError(
        `This database has shard ${stored.shard} of ${name}. Set ${shardsVariable(name)}=${stored.eras} and SHARD=${stored.shard}, or correct its URL.`,
      );
    }
  }
}

async function assertOwnShard(
  pool: Queries,
  shard: OwnShard,
  stored: StoredShard | undefined,
  nowMs: number,
): Promise<void> {
  const { name, map, own } = shard;
  await assertOwnIds(pool, shard, nowMs);
  const eras = erasText(map.eras);
  if (stored === undefined && name === 'point') await assertOwnAccounts(pool, shard);
  // Another process may have stored its own since, so the statement that stores this one compares them.
  const { rowCount } = await pool.query(
    `insert into platform.shards as s (context, shard, eras) values ($1, $2, $3)
     on conflict (context) do update set eras = excluded.eras where s.shard = excluded.shard and s.eras = any($4)`,
    [name, own, eras, map.eras.map((_, index) => erasText(map.eras.slice(0, index + 1)))],
  );
  if (rowCount === 1) return;
  const other = (await pool.query<StoredShard>(STORED)).rows.find(({ context }) => context === name);
  throw new StartError(
    `This database has shard ${other?.shard} of ${name}, with ${shardsVariable(name)}=${other?.eras}, and this process has shard ${own} with ${eras}. Set both as they were, or correct its URL.${name === 'coupon' ? ' Further eras may follow.' : ''}`,
  );
}

async function assertOwnAccounts(pool: Queries, shard: OwnShard): Promise<void> {
  const { map, own } = shard;
  const statement = accountsOf(shard);
  let last: bigint | null = 0n;
  while (last !== null) {
    const page: pg.QueryResult<AccountsPage> = await pool.query<AccountsPage>(statement, [last]);
    const misfit = page.rows[0]?.misfit ?? null;
    if (misfit !== null) {
      throw new StartError(
        `The account of user ${misfit} is in this database, and by POINT_SHARDS=${map.shards} it is not of shard ${own}. Correct its URL or SHARD, or set POINT_SHARDS as it was when the system began; a database of accounts from before there were shards needs it left out. Accounts do not move.`,
      );
    }
    last = page.rows[0]?.last ?? null;
  }
}

interface AccountsPage {
  readonly last: bigint | null;
  readonly misfit: bigint | null;
}

/**
 * Ids name their shard from the first era on, so no other process may have made ids in this database since then: one of another shard, or one
 * that knows of no shards.
 * @throws StartError
 */
async function assertOwnIds(pool: Queries, { name, map, own }: OwnShard, nowMs: number): Promise<void> {
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
  const remedy =
    name === 'point'
      ? `Correct its URL or SHARD, or leave ${variable} out of every process.`
      : `Correct its URL or SHARD; or end the processes without ${variable}, and set it to begin later than that.`;
  throw new StartError(
    `Ids of ${name} that are not of shard ${own} were made in this database until ${new Date(untilMs).toISOString()}. ${remedy}`,
  );
}
