import type pg from 'pg';
import { StartError } from '../../platform/kernel/start-error.ts';
import { MIGRATION_LOCK } from '../../platform/postgres/migrate.ts';
import { isRestoreUnfinished, RESTORE_MARK } from '../../platform/postgres/unfinished-restore.ts';
import { QUEUE_SCHEMA } from '../../platform/scheduling/queue-tables.ts';
import { CONTEXTS, runs } from '../contexts.ts';

/** Any number but those of other locks. Held by the session of a restore, so that a second one waits. */
const RESTORE_LOCK = 5_477_820_914n;

/** All schemas that migrations create. */
const SCHEMAS = ['migrations', QUEUE_SCHEMA, 'platform', ...CONTEXTS.filter(runs).map(({ schema }) => schema)];

/**
 * Marks an empty database as one that is being restored, which nothing else may use until `finishRestore`. What an interrupted restore left is removed.
 * @throws StartError when the database has tables
 */
export async function beginRestore(client: pg.ClientBase): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [RESTORE_LOCK]);
  await client.query('begin');
  // A start that creates the tables at the same time comes before or after.
  await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  if (await isRestoreUnfinished(client)) await dropSchemas(client);
  else await assertEmpty(client);
  await client.query(`create schema if not exists ${RESTORE_MARK}`);
  await client.query('commit');
}

export const finishRestore = async (client: pg.ClientBase): Promise<void> =>
  void (await client.query(`drop schema ${RESTORE_MARK}`));

/** Makes the database as empty as it was before `beginRestore`. */
export async function undoRestore(client: pg.ClientBase): Promise<void> {
  await client.query('rollback');
  await client.query('begin');
  await dropSchemas(client);
  await finishRestore(client);
  await client.query('commit');
}

const dropSchemas = async (client: pg.ClientBase): Promise<void> =>
  void (await client.query(`drop schema if exists ${SCHEMAS.join(', ')} cascade`));

/** @throws StartError */
async function assertEmpty(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>(`select to_regnamespace('migrations') is not null as found`);
  if (rows[0]?.found !== true) return;
  throw new StartError(
    'The database has tables of Stampede already, and a backup is restored into an empty one. Name another one by DATABASE_URL, or another directory by STAMPEDE_DATA_DIR.',
  );
}
