import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { StartError } from '../../platform/kernel/start-error.ts';
import { migrate } from '../../platform/postgres/migrate.ts';
import { openSession } from '../../platform/postgres/session.ts';
import { migrationFolders } from '../migrations.ts';
import { NO_LIMITS, SAME_TEXT, setSequences } from '../move/copy-table.ts';
import { withMigrationsOf } from './applied-migrations.ts';
import { type BackupTrailer, backupReader, DamagedBackup, FORMAT } from './backup-file.ts';
import { assertKnown, type KnownSections, knownSections } from './known-sections.ts';
import { beginRestore, finishRestore, undoRestore } from './restored-database.ts';

export interface Restored {
  /** RFC 3339: the moment that the database shows now. */
  readonly at: string;
  /** Of each table. */
  readonly rows: Readonly<Record<string, number>>;
}

export interface RestoreOptions {
  readonly file: string;
  /** Of the login that will own the schemas. */
  readonly url: string;
  /** The role of the program, when it is another one. */
  readonly login?: string | undefined;
}

/**
 * Fills an empty database with the rows of a backup: it gets the tables that the backup was made of, then the rows in one transaction, then the migrations that came later.
 * Until all of that is done, nothing else may use the database. A failure leaves it empty; after a kill the next restore starts again.
 * @throws StartError when the database has tables already, or the file is damaged or of a later version
 */
export async function restore({ file, url, login }: RestoreOptions): Promise<Restored> {
  const unzipped = createGunzip();
  const reading = pipeline(createReadStream(file), unzipped);
  // The reader of what was unzipped gets the same error.
  reading.catch(() => {});
  const client = await openSession(url, { name: 'stampede-restore' });
  try {
    await beginRestore(client);
    // A failure to undo it adds nothing: the next restore does.
    return await restoreFrom(backupReader(unzipped), client, { url, login }).catch(async (error: unknown) => {
      await undoRestore(client).catch(() => {});
      throw error;
    });
  } catch (error) {
    if (!(error instanceof DamagedBackup || isOfZlib(error))) throw error;
    throw new StartError(`${file} cannot be restored: ${error.message}. The database is empty, as it was before.`, {
      cause: error,
    });
  } finally {
    unzipped.destroy();
    await client.end();
  }
}

const isOfZlib = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');

async function restoreFrom(
  reader: ReturnType<typeof backupReader>,
  client: pg.Client,
  { url, login }: Omit<RestoreOptions, 'file'>,
): Promise<Restored> {
  const header = await reader.header();
  if (header.stampedeBackup > FORMAT) {
    throw new StartError(
      `The backup is of version ${header.version}, which writes other files. Restore it with that version.`,
    );
  }
  const all = migrationFolders();
  await withMigrationsOf(header, all, (folders) => migrate(url, folders, undefined, { isRestoring: true }));
  const known = await knownSections(client, Object.keys(header.migrations));
  await client.query(SAME_TEXT);
  await client.query(NO_LIMITS);
  await client.query('begin');
  // What the migrations put there is in the backup, too.
  await client.query('delete from platform.event_source; delete from platform.node_leases');
  const { rows } = await copyTables(reader, client, known);
  await client.query('commit');
  await migrate(url, all, login, { isRestoring: true });
  await finishRestore(client);
  return { at: header.at, rows };
}

/** @throws DamagedBackup also when a table has other rows than the trailer says */
async function copyTables(
  reader: ReturnType<typeof backupReader>,
  client: pg.Client,
  known: KnownSections,
): Promise<BackupTrailer> {
  const copied: Record<string, number> = {};
  for (;;) {
    const next = await reader.next();
    if ('trailer' in next) {
      const { rows } = next.trailer;
      const differs = [...Object.keys(rows), ...Object.keys(copied)].find((table) => rows[table] !== copied[table]);
      if (differs === undefined) return next.trailer;
      throw new DamagedBackup(`${differs} has ${copied[differs] ?? 0} rows instead of ${rows[differs] ?? 0}`);
    }
    assertKnown(known, next.table);
    const { table, columns, sequences } = next.table;
    const inward = client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`));
    await pipeline(reader.rows(), inward);
    copied[table] = inward.rowCount;
    await setSequences(client, sequences);
  }
}
