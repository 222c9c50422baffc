import type pg from 'pg';
import { StartError } from '../../platform/kernel/start-error.ts';
import { databaseIdentity, readMove, writeMove } from '../../platform/postgres/context-moves.ts';
import { MIGRATION_LOCK, migrate } from '../../platform/postgres/migrate.ts';
import { openSession } from '../../platform/postgres/session.ts';
import { CONTEXTS, runs } from '../contexts.ts';
import { migrationFolders } from '../migrations.ts';
import type { ContextName } from '../parts.ts';
import {
  columnsOf,
  copyRows,
  NO_LIMITS,
  type Rows,
  SAME_TEXT,
  sequencesOf,
  setSequences,
  sumOf,
  tablesOf,
} from './copy-table.ts';
import { conditionOf, PLATFORM_ROWS } from './platform-rows.ts';

export type MoveStep = 'PREPARED' | 'LOCKED' | 'COPIED' | 'ARRIVED' | 'LEFT';

export interface Move {
  readonly context: ContextName;
  /** The database that has the context, as the owner of its schemas. */
  readonly from: string;
  /** The other one, as the owner. It may have other contexts, or nothing. */
  readonly to: string;
  /** The role of the program in the other one, when it is not the owner. */
  readonly login?: string | undefined;
  /** Only looks at what would move. */
  readonly dryRun?: boolean;
  /** Publishes what waits in the outbox of this database. Absent: it has to be empty. */
  readonly drain?: (url: string) => Promise<void>;
  readonly onStep?: (step: MoveStep) => void | Promise<void>;
}

export interface MovedTable {
  readonly table: string;
  readonly rows: number;
}

/**
 * Moves the rows of a context to another database, with the context stopped. When it ends early, also by kill -9, the context is in the
 * database where it was, or in the other one; the same call again completes the move. What the old database had is renamed to `<schema>_moved`
 * there, and no process starts on it.
 * @returns the tables, or undefined when an earlier call had moved them
 * @throws StartError when it cannot be moved now: nothing has changed then
 */
export async function moveContext(move: Move): Promise<readonly MovedTable[] | undefined> {
  const source = await openSession(move.from, { name: 'stampede-move' });
  try {
    const target = await openSession(move.to, { name: 'stampede-move' });
    try {
      for (const client of [source, target]) {
        await client.query(SAME_TEXT);
        await client.query(NO_LIMITS);
      }
      return await moveBetween(source, target, move);
    } finally {
      await target.end();
    }
  } finally {
    await source.end();
  }
}

async function moveBetween(
  source: pg.Client,
  target: pg.Client,
  move: Move,
): Promise<readonly MovedTable[] | undefined> {
  const { context, onStep } = move;
  const identities = { source: await databaseIdentity(source), target: await databaseIdentity(target) };
  if (identities.source === identities.target) {
    throw new StartError(`${context} is in that database. Give --to the URL of another one.`);
  }
  // Processes that start wait with their migrations until the move has ended.
  await lockMigrations(source);
  const schema = CONTEXTS.filter(runs).find(({ name }) => name === context)?.schema ?? context;
  const last = await readMove(source, context);
  if (last?.state === 'LEFT') {
    await completeMove(target, context, { from: identities.source, isTo: last.other === identities.target });
    return undefined;
  }
  if (last?.state === 'ARRIVING' || !(await hasSchema(source, schema))) {
    throw new StartError(
      `The old database has no ${context}. Set ${context.toUpperCase()}_DATABASE_URL to the one that has it.`,
    );
  }
  if (await hasSchema(source, `${schema}_moved`)) {
    throw new StartError(
      `The old database has what an earlier move left. Delete it first: drop schema ${schema}_moved cascade`,
    );
  }
  await assertStopped(source);
  const rows = await rowsOf(source, context, schema);
  if (move.dryRun === true) {
    const counted: MovedTable[] = [];
    for (const each of rows) counted.push(await countRows(source, each));
    return counted;
  }
  await move.drain?.(move.from);
  await assertPublished(source);
  await prepareTarget(target, schema, move, identities.source);
  await onStep?.('PREPARED');

  await source.query('begin');
  await lockTables(source, schema);
  await assertStopped(source);
  await assertPublished(source);
  await onStep?.('LOCKED');
  await target.query('begin');
  await writeMove(target, context, { state: 'ARRIVING', other: identities.source });
  const moved = await copyAll(source, target, rows);
  await onStep?.('COPIED');
  await target.query('commit');
  await onStep?.('ARRIVED');

  await source.query(`alter schema ${schema} rename to ${schema}_moved`);
  await source.query(
    `drop table if exists migrations.${context}_moved; alter table migrations.${context} rename to ${context}_moved`,
  );
  // Otherwise each letter would be there twice.
  await source.query(
    `delete from platform.dead_letters where ${conditionOf('starts_with(consumer, $consumers)', context, [])}`,
  );
  await writeMove(source, context, { state: 'LEFT', other: identities.target });
  // From here on the other database has the context.
  await source.query('commit');
  await onStep?.('LEFT');
  await writeMove(target, context, { state: 'HERE', other: identities.source });
  return moved;
}

async function lockMigrations(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [MIGRATION_LOCK]);
  if (rows[0]?.mine !== true)
    throw new StartError('A process starts on this database, or another move runs. Try again in a moment.');
}

/** After an earlier call that ended between the last two commits. */
async function completeMove(
  target: pg.Client,
  context: string,
  { from, isTo }: { readonly from: string; readonly isTo: boolean },
): Promise<void> {
  const arrived = await readMove(target, context);
  // An earlier call to another database may have copied its rows there, too; the context went elsewhere since.
  if (!isTo || arrived === undefined || arrived.state === 'LEFT' || arrived.other !== from) {
    throw new StartError(`${context} has left this database already, and not to the one of --to.`);
  }
  await writeMove(target, context, { state: 'HERE', other: from });
}

async function hasSchema(client: pg.Client, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>('select to_regnamespace($1) is not null as exists', [
    schema,
  ]);
  return rows[0]?.exists === true;
}

/**
 * A process leases a node number in its database as long as it runs. Which contexts it hosts is not recorded, so every process of
 * this database has to stop. One that was killed counts until its lease has ended.
 */
async function assertStopped(source: pg.Client): Promise<void> {
  const { rows } = await source.query<{ processes: number; seconds: number }>(
    `select count(*)::int as processes, coalesce(ceil(extract(epoch from max(expires_at) - clock_timestamp())), 0)::int as seconds
     from platform.node_leases where holder is not null and expires_at > clock_timestamp()`,
  );
  const { processes = 0, seconds = 0 } = rows[0] ?? {};
  if (processes > 0) {
    throw new StartError(
      `Processes that work with this database: ${processes}. Stop them; one that was killed counts for ${seconds} s more.`,
    );
  }
}

async function assertPublished(source: pg.Client): Promise<void> {
  const { rows } = await source.query<{ waiting: number }>('select count(*)::int as waiting from platform.outbox');
  const waiting = rows[0]?.waiting ?? 0;
  if (waiting > 0) {
    throw new StartError(
      `${waiting} rows of events wait in the outbox. Set KAFKA_BROKERS, where this command publishes them.`,
    );
  }
}

async function rowsOf(
  source: pg.Client,
  context: ContextName,
  schema: string,
): Promise<readonly (Rows & { readonly merge: boolean; readonly own: boolean })[]> {
  const found: (Rows & { readonly merge: boolean; readonly own: boolean })[] = [];
  for (const table of await tablesOf(source, schema)) {
    found.push({ table, columns: await columnsOf(source, table), where: 'true', merge: false, own: true });
  }
  const topics = Object.keys(CONTEXTS.find(({ name }) => name === context)?.publishes ?? {});
  for (const [name, rows] of Object.entries(PLATFORM_ROWS)) {
    if (rows.kind === 'STAYS') continue;
    const table = `platform.${name}`;
    const where = conditionOf(rows.where, context, topics);
    found.push({ table, columns: await columnsOf(source, table), where, merge: rows.kind === 'COPIED', own: false });
  }
  return found;
}

async function countRows(client: pg.Client, { table, where }: Rows): Promise<MovedTable> {
  const { rows } = await client.query<{ rows: number }>(`select count(*)::float8 as rows from ${table} where ${where}`);
  return { table, rows: rows[0]?.rows ?? 0 };
}

/** Migrates the other database. What an earlier call copied there does not count: the old one may have changed since. */
async function prepareTarget(
  target: pg.Client,
  schema: string,
  { context, to, login }: Move,
  from: string,
): Promise<void> {
  const last = await readMove(target, context);
  if (last?.state === 'ARRIVING' && last.other !== from) {
    throw new StartError(
      `A move of ${context} from a third database to that of --to has not ended. Run that one again, or delete its rows: drop schema ${schema} cascade; drop table migrations.${context}; delete from platform.context_moves where context = '${context}'`,
    );
  }
  if (last?.state === 'ARRIVING' || last?.state === 'LEFT') {
    await target.query(`begin; drop schema if exists ${schema} cascade; drop table if exists migrations.${context};
      delete from platform.context_moves where context = '${context}'; commit`);
  }
  await migrate(to, migrationFolders({ parts: new Set([context]) }), login);
  for (const table of await tablesOf(target, schema)) {
    const { rows } = await target.query<{ exists: boolean }>(`select exists (select from ${table}) as exists`);
    if (rows[0]?.exists === true)
      throw new StartError(`The database of --to has rows of ${context} already, in ${table}.`);
  }
}

async function lockTables(source: pg.Client, schema: string): Promise<void> {
  await source.query(`set local lock_timeout = '5s'`);
  const tables = await tablesOf(source, schema);
  await source.query(
    `lock table ${[...tables, 'platform.node_leases', 'platform.outbox'].join(', ')} in access exclusive mode`,
  );
}

async function copyAll(
  source: pg.Client,
  target: pg.Client,
  all: Awaited<ReturnType<typeof rowsOf>>,
): Promise<readonly MovedTable[]> {
  const moved: MovedTable[] = [];
  for (const { merge, own, ...rows } of all) {
    if (merge) {
      await target.query(`create temporary table merged on commit drop as select * from ${rows.table} limit 0`);
      await copyRows(source, target, rows, 'merged');
      // One that has expired would keep its successor out.
      await target.query(`delete from ${rows.table} where not (${rows.where})`);
      await target.query(
        `insert into ${rows.table} (${rows.columns}) select ${rows.columns} from merged on conflict do nothing`,
      );
      await target.query('drop table merged');
    } else {
      if (!own) await target.query(`delete from ${rows.table} where ${rows.where}`);
      await copyRows(source, target, rows);
      // Others may use those of the platform's tables.
      if (own) await setSequences(target, await sequencesOf(source, rows.table));
      const [before, after] = [await sumOf(source, rows), await sumOf(target, rows)];
      if (before.rows !== after.rows || before.sum !== after.sum) {
        throw new Error(
          `${rows.table} did not arrive as it was: ${before.rows} rows (${before.sum}), now ${after.rows} (${after.sum})`,
        );
      }
    }
    moved.push(await countRows(source, rows));
  }
  // Ids that the old database's processes made must not be made again.
  const { rows: leases } = await source.query(
    `select json_agg(json_build_array(node, ids_until_ms))::text as used from platform.node_leases`,
  );
  await target.query(
    `update platform.node_leases as l set ids_until_ms = greatest(l.ids_until_ms, (used.value ->> 1)::bigint)
     from json_array_elements($1::json) as used where l.node = (used.value ->> 0)::int`,
    [leases[0]?.used],
  );
  return moved;
}
