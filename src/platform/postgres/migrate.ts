import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyFolder } from 'drizzle-orm/node-postgres/migrator';
import { migrateQueueTables } from '../scheduling/queue-tables.ts';
import { assertContextsHere } from './context-moves.ts';
import { grantToProgram } from './grants.ts';
import { openSession } from './session.ts';

/** One set of migrations: a context's schema, or the platform's. */
export interface MigrationFolder {
  /** Also the name of the table of applied migrations: `migrations.<name>`. */
  readonly name: string;
  /** Holds the .sql files and meta/_journal.json. */
  readonly folder: string;
}

/** Any number, the same for all versions of the program. */
export const MIGRATION_LOCK = 5_477_820_913n;

/**
 * Brings the schema up to date, set after set, and the tables of the job queue. Each set is one transaction, and nodes that start together wait for each
 * other on an advisory lock, so every migration runs exactly once.
 * @param url of the login that owns the schemas
 * @param login the role of the program, when it is not the owner: it is granted what it needs, and no more
 * @param options.isRestoring the caller fills the database from a backup, and is the only one that may change it until then
 * @throws StartError when a context has moved to another database, or a restore into this one is not complete
 * @throws PostgreSQL's error when it refuses a migration; that set is then rolled back
 */
export async function migrate(
  url: string,
  folders: readonly MigrationFolder[],
  login?: string,
  { isRestoring = false }: { readonly isRestoring?: boolean } = {},
): Promise<void> {
  const client = await openSession(url, { name: 'stampede-migrate' });
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const names = folders.map(({ name }) => name);
    if (!isRestoring) await assertContextsHere(client, names);
    const db = drizzle(client);
    for (const { name, folder } of folders) {
      await applyFolder(db, { migrationsFolder: folder, migrationsSchema: 'migrations', migrationsTable: name });
    }
    await migrateQueueTables(client);
    if (login !== undefined) await grantToProgram(client, login);
  } finally {
    await client.end(); // ends the session, and the lock with it
  }
}
