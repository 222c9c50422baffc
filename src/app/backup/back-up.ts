import { once } from 'node:events';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import manifest from '../../../package.json' with { type: 'json' };
import { StartError } from '../../platform/kernel/start-error.ts';
import { contextsElsewhere } from '../../platform/postgres/context-moves.ts';
import { MIGRATION_LOCK } from '../../platform/postgres/migrate.ts';
import { openSession } from '../../platform/postgres/session.ts';
import { migrationFolders } from '../migrations.ts';
import { NO_LIMITS, SAME_TEXT, sequencesOf } from '../move/copy-table.ts';
import { appliedMigrations } from './applied-migrations.ts';
import { backedUpTables } from './backed-up-tables.ts';
import { backupWriter } from './backup-file.ts';

export interface BackedUp {
  /** RFC 3339: the moment that the file contains. */
  readonly at: string;
  /** Of each table. */
  readonly rows: Readonly<Record<string, number>>;
}

/** Fast: a backup costs the server's machine CPU, and rows of ids shrink to a quarter all the same. */
const GZIP_LEVEL = 1;

/**
 * Writes one moment of a database to a file while everything goes on: all tables are read in one snapshot. The file is complete when this resolves; until then it has another name.
 * @param url of the login that owns the schemas
 * @throws StartError when the file exists, or a context is in another database
 */
export async function backUp(url: string, file: string): Promise<BackedUp> {
  if (existsSync(file)) throw new StartError(`${file} exists already. Name another file, or remove it.`);
  const partial = `${file}.partial`;
  const client = await openSession(url, { name: 'stampede-backup' });
  const output = await createNew(partial).catch(async (error: unknown) => {
    await client.end();
    throw error;
  });
  try {
    const gzip = createGzip({ level: GZIP_LEVEL });
    const stored = pipeline(gzip, output.createWriteStream({ flush: true }));
    // It is awaited below; until then a failure shows when the next chunk is written.
    stored.catch(() => {});
    const done = await writeSnapshot(client, async (chunk) => {
      if (!gzip.write(chunk)) await Promise.race([once(gzip, 'drain'), stored]);
    }).catch(async (error: unknown) => {
      gzip.destroy();
      await finished(gzip).catch(() => {});
      throw error;
    });
    gzip.end();
    await stored;
    renameSync(partial, file);
    return done;
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  } finally {
    await client.end();
  }
}

/** Neither follows a link nor takes a file that others may read. @throws StartError when there is one of this name */
async function createNew(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new StartError(`${file} exists already: another backup is under way, or was cut off. Remove it then.`);
  }
}

async function writeSnapshot(client: pg.Client, write: (chunk: Buffer) => Promise<void>): Promise<BackedUp> {
  await client.query(SAME_TEXT);
  await client.query(NO_LIMITS);
  const elsewhere = await contextsElsewhere(client);
  if (elsewhere.size > 0) {
    throw new StartError(
      `${[...elsewhere].join(', ')}: in another database. A file has one moment of one database; back up systems with several by the archive of their PostgreSQL (pg_basebackup and WAL).`,
    );
  }
  // No migration of this program runs until the snapshot is taken.
  await client.query('select pg_advisory_lock_shared($1)', [MIGRATION_LOCK]);
  const folders = migrationFolders();
  const tables = await backedUpTables(
    client,
    folders.map(({ name }) => name),
  );
  await client.query('begin isolation level repeatable read read only');
  // Before the first query, which takes the snapshot: a table that is rewritten after it has no rows in it. Later changes of tables wait for the backup.
  await client.query(`lock table ${tables.map(({ table }) => table).join(', ')} in access share mode`);
  const { rows: moments } = await client.query<{ at: Date }>('select now() as at');
  await client.query('select pg_advisory_unlock_shared($1)', [MIGRATION_LOCK]);
  const writer = backupWriter(write);
  const at = (moments[0]?.at ?? new Date()).toISOString();
  await writer.header({ version: manifest.version, at, migrations: await appliedMigrations(client, folders) });
  const counts: Record<string, number> = {};
  for (const { table, columns } of tables) {
    const sequences = await sequencesOf(client, table);
    const rows = client.query(copyTo(`copy ${table} (${columns.join(', ')}) to stdout`));
    await writer.table({ table, columns: [...columns], sequences: [...sequences] }, rows);
    counts[table] = rows.rowCount;
  }
  await client.query('commit');
  await writer.end(counts);
  return { at, rows: counts };
}
