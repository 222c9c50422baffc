import type pg from 'pg';
import { waitForOutbox } from '../../../platform/events/wait-for-outbox.ts';
import { StartError } from '../../../platform/kernel/start-error.ts';
import { openSession } from '../../../platform/postgres/session.ts';
import { NO_LIMITS, SAME_TEXT } from '../../move/copy-table.ts';
import type { ShardMap } from '../shard-map.ts';
import { shardAt } from '../sharded-api.ts';
import { copyCodes, copyKeys, leaveCodes } from './copy-codes.ts';
import { COLUMNS, DELETES, INSERTS, ROWS_OF_POLICY } from './moved-tables.ts';

/** Called after each commit, in this order: what a crash then leaves is completed by the same call. */
export type PolicyMoveStep = 'ANNOUNCED' | 'LEFT' | 'ARRIVED' | 'SETTLED';

export interface PolicyMove {
  readonly policyId: bigint;
  readonly to: number;
  /** The databases of all shards. */
  readonly databaseUrls: readonly string[];
  readonly map: Pick<ShardMap, 'shardOfId'>;
  /** How long events of the policy may wait in the outbox of its shard. Default: 10 s. */
  readonly outboxMs?: number;
  readonly onStep?: (step: PolicyMoveStep) => void | Promise<void>;
}

export interface MovedPolicy {
  readonly from: number;
  /** Undefined: an earlier call had moved them. */
  readonly codes: number | undefined;
}

const OUTBOX_MS = 10_000;

/**
 * Moves a policy that has issued nothing to another shard, while all shards serve. Its rows leave the one with a commit, and arrive in the other
 * one with the next; requests about it get 503 in between. Shard 0 says where it is. When the call ends early, also by kill -9, the policy is
 * in one shard or on its way, and the same call completes the move.
 * @throws StartError when it cannot be moved now: nothing has changed then
 */
export async function movePolicy(move: PolicyMove): Promise<MovedPolicy> {
  const sessions: pg.Client[] = [];
  const open = async (shard: number): Promise<pg.Client> => {
    const session = await openSession(shardAt(move.databaseUrls, shard), { name: 'stampede-move' });
    sessions.push(session);
    await session.query(SAME_TEXT);
    await session.query(NO_LIMITS);
    return session;
  };
  try {
    if (move.to >= move.databaseUrls.length) throw new StartError(`There is no shard ${move.to}.`);
    const directory = await open(0);
    await lockMoves(directory);
    const place = await placeOf(directory, move);
    // What an earlier call may have left.
    if (place?.isSettled === true) await clear(await open(place.fromShard), move.policyId, place.fromShard);
    if (place?.isSettled === true && place.shard === move.to) return { from: place.fromShard, codes: undefined };
    if (place?.isSettled === false && place.shard !== move.to)
      throw new StartError(`Policy ${move.policyId} is on its way to shard ${place.shard}. Move it there first.`);
    const from = place?.[place.isSettled ? 'shard' : 'fromShard'] ?? move.map.shardOfId(move.policyId);
    if (from === move.to) throw new StartError(`Policy ${move.policyId} is in shard ${move.to}.`);
    const [source, target] = [await open(from), await open(move.to)];
    const codes = await moveBetween({ directory, source, target }, { from, to: move.to }, move);
    return { from, codes };
  } finally {
    await Promise.all(sessions.map((session) => session.end()));
  }
}

interface Sessions {
  readonly directory: pg.Client;
  readonly source: pg.Client;
  readonly target: pg.Client;
}

interface Shards {
  readonly from: number;
  readonly to: number;
}

async function moveBetween(
  { directory, source, target }: Sessions,
  shards: Shards,
  { policyId, outboxMs = OUTBOX_MS, onStep }: PolicyMove,
): Promise<number | undefined> {
  await assertSameTables(source, target);
  await target.query('begin');
  await target.query(LOCK_STORE, [await storeOf(source, policyId)]);
  if ((await rowsOnTheirWay(source, policyId)) === undefined) {
    await source.query('begin');
    await assertMovable({ source, target }, policyId, outboxMs);
    await announce(directory, policyId, shards);
    await onStep?.('ANNOUNCED');
    await source.query(LEAVE, [policyId, shards.to]);
    for (const statement of DELETES) await source.query(statement, [policyId]);
    await source.query('commit');
    await onStep?.('LEFT');
  }
  const codes = await arrive(source, target, policyId);
  await target.query('commit');
  await onStep?.('ARRIVED');
  await directory.query('update coupon.policy_places set is_settled = true where policy_id = $1', [policyId]);
  // From here on every process looks for it there.
  await onStep?.('SETTLED');
  await clear(source, policyId, shards.from);
  if (await isStoreClosed(target, policyId)) {
    throw new StartError(
      `Policy ${policyId} has moved, and its store was closed meanwhile. End the policy: it is still paused.`,
    );
  }
  return codes;
}

/** Under the lock of the store, which closings take, too. An earlier call may have come so far. */
async function arrive(source: pg.Client, target: pg.Client, policyId: bigint): Promise<number | undefined> {
  const rows = await rowsOnTheirWay(source, policyId);
  if (rows === undefined) throw new Error(`the rows of policy ${policyId} are gone`);
  const { rowCount } = await target.query('select from coupon.coupon_policies where id = $1', [policyId]);
  if (rowCount === 1) return undefined;
  for (const statement of INSERTS) await target.query(statement, [rows]);
  const arrived = await target.query<{ same: boolean }>(`select ${ROWS_OF_POLICY} = $2::jsonb as same`, [
    policyId,
    rows,
  ]);
  if (arrived.rows[0]?.same !== true) throw new Error(`policy ${policyId} did not arrive as it was`);
  await copyKeys(source, target);
  return await copyCodes(source, target, policyId);
}

async function clear(source: pg.Client, policyId: bigint, from: number): Promise<void> {
  await source.query('begin');
  const { rowCount } = await source.query('delete from coupon.policy_moves where policy_id = $1', [policyId]);
  if (rowCount === 1) await leaveCodes(source, policyId, from);
  await source.query('commit');
}

async function lockMoves(directory: pg.Client): Promise<void> {
  const { rows } = await directory.query<{ mine: boolean }>(
    `select pg_try_advisory_lock(hashtextextended('coupon.policy-move', 0)) as mine`,
  );
  if (rows[0]?.mine !== true) throw new StartError('Another policy is being moved. Try again in a moment.');
}

interface Place {
  readonly shard: number;
  readonly fromShard: number;
  readonly isSettled: boolean;
}

async function placeOf(directory: pg.Client, { policyId }: Pick<PolicyMove, 'policyId'>): Promise<Place | undefined> {
  const { rows } = await directory.query<Place>(
    'select shard, from_shard as "fromShard", is_settled as "isSettled" from coupon.policy_places where policy_id = $1',
    [policyId],
  );
  return rows[0];
}

const announce = (directory: pg.Client, policyId: bigint, { from, to }: Shards): Promise<unknown> =>
  directory.query(
    `insert into coupon.policy_places as p (policy_id, shard, from_shard, is_settled, moves) values ($1, $2, $3, false, 1)
     on conflict (policy_id) do update
     set shard = excluded.shard, from_shard = excluded.from_shard, is_settled = false, moves = p.moves + 1`,
    [policyId, to, from],
  );

const LEAVE = `insert into coupon.policy_moves (policy_id, to_shard, rows) values ($1, $2, ${ROWS_OF_POLICY})`;

/** As text: a number of JavaScript would not keep an id. Undefined: they have not left. */
async function rowsOnTheirWay(source: pg.Client, policyId: bigint): Promise<string | undefined> {
  const { rows } = await source.query<{ rows: string }>(
    'select rows::text as rows from coupon.policy_moves where policy_id = $1',
    [policyId],
  );
  return rows[0]?.rows;
}

async function assertSameTables(source: pg.Client, target: pg.Client): Promise<void> {
  const [one, other] = await Promise.all(
    [source, target].map(async (client) => (await client.query<{ columns: string }>(COLUMNS)).rows[0]?.columns),
  );
  if (one !== other)
    throw new StartError('The shards have tables of two versions. Upgrade the processes of both first.');
}

// Nothing else changes the policy until it has left: each change of it, its issuing and its jobs lock this row.
const LOCK_POLICY = `
  select status = 'PAUSED' or suspension_reason is not null as "isPaused", last_sequence_no > 0 as "hasCoupons",
    exists (select from coupon.coupon_jobs where policy_id = $1 and status in ('OPEN', 'QUEUED', 'RUNNING')) as "hasJobs"
  from coupon.coupon_policies where id = $1 for update`;

async function assertMovable(
  { source, target }: Pick<Sessions, 'source' | 'target'>,
  policyId: bigint,
  outboxMs: number,
): Promise<void> {
  await source.query(`set local lock_timeout = '5s'`);
  const { rows } = await source.query<{ isPaused: boolean; hasCoupons: boolean; hasJobs: boolean }>(LOCK_POLICY, [
    policyId,
  ]);
  const [policy] = rows;
  if (policy === undefined) throw new StartError(`There is no policy ${policyId}.`);
  if (policy.hasCoupons) {
    throw new StartError(
      `Policy ${policyId} has issued coupons, whose ids say where they are: it stays. For a policy without coupons, use a clone of it.`,
    );
  }
  if (!policy.isPaused) throw new StartError(`Policy ${policyId} is not paused. Pause or suspend it first.`);
  if (policy.hasJobs) throw new StartError(`Jobs of policy ${policyId} have not ended. Try again afterwards.`);
  if (await isStoreClosed(target, policyId, await boundTo(source, policyId)))
    throw new StartError(`The store of policy ${policyId} is closed. End the policy instead.`);
  // Another relay publishes what the policy does from now on: what it did has to be published before.
  await waitForOutbox(source, outboxMs).catch((error: unknown) => {
    throw new StartError('Events wait in the outbox of its shard. Its processes have to run, and Kafka.', {
      cause: error,
    });
  });
}

// As in store-closings.ts: a closing of the store is recorded before the policy arrives, or finds it.
const LOCK_STORE = `select pg_advisory_xact_lock_shared(hashtextextended('coupon.store:' || $1::text, 0))`;

async function storeOf(source: pg.Client, policyId: bigint): Promise<string | null> {
  const { rows } = await source.query<{ store: string | null }>(
    `select store_id::text as store from coupon.coupon_policies where id = $1
     union all select rows -> 'coupon_policies' -> 0 ->> 'store_id' from coupon.policy_moves where policy_id = $1`,
    [policyId],
  );
  return rows[0]?.store ?? null;
}

interface Binding {
  readonly store: string | null;
  readonly version: number;
}

async function boundTo(client: pg.Client, policyId: bigint): Promise<Binding | undefined> {
  const { rows } = await client.query<Binding>(
    `select store_id::text as store, coalesce(store_version, 0) as version from coupon.coupon_policies where id = $1 and status <> 'ENDED'`,
    [policyId],
  );
  return rows[0];
}

async function isStoreClosed(target: pg.Client, policyId: bigint, binding?: Binding | undefined): Promise<boolean> {
  const { store = null, version = 0 } = binding ?? (await boundTo(target, policyId)) ?? {};
  const { rowCount } = await target.query(
    'select from coupon.closed_stores where store_id = $1::bigint and version > $2',
    [store, version],
  );
  return rowCount === 1;
}
