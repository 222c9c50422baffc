import type pg from 'pg';
import { firstMessage } from '../../platform/kernel/first-message.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { isSameDatabase } from '../../platform/postgres/context-moves.ts';
import type { Watcher } from '../../platform/postgres/embedded/supervisor.ts';
import { startEmbedded } from '../../platform/postgres/embedded.ts';
import { openSession } from '../../platform/postgres/session.ts';
import type { Secrets } from './secrets.ts';

export interface Migrations {
  readonly url: string;
  readonly login?: string | undefined;
}

/** A PostgreSQL to work on. */
export interface OpenPostgres {
  /** The URL with the fastest transport, for this process. */
  readonly url: string;
  /** For other processes on this machine. */
  readonly publicUrl: string;
  /**
   * Migrations run as the owner of the schemas, and grant the login of the two URLs above what it needs. Undefined: another role owns the
   * schemas and migrates them.
   */
  readonly migrations: Migrations | undefined;
  stop(): Promise<void>;
}

/** The oldest version that the tests run on. */
const OLDEST_VERSION = 15;
const RESPONSE_TIMEOUT_MS = 5_000;

/** Starts the embedded PostgreSQL in the data directory, which the caller holds. @throws StartError */
export async function openEmbedded(
  dataDir: string,
  secrets: Secrets,
  options: Watcher & { readonly processes?: number },
): Promise<OpenPostgres> {
  try {
    const postgres = await startEmbedded({ dataDir, passwords: secrets.postgres, ...options });
    const { socketUrl, url, login } = postgres.program;
    return { url: socketUrl, publicUrl: url, migrations: { url: postgres.url, login }, stop: () => postgres.stop() };
  } catch (error) {
    if (error instanceof StartError) throw error;
    const { message } = error as Error;
    throw new StartError(`The embedded PostgreSQL does not start: ${message}. See ${dataDir}/postgres.log.`, {
      cause: error,
    });
  }
}

/** The URLs of a PostgreSQL that is there already. */
export interface ExistingUrls {
  readonly databaseUrl: string;
  /** The owner's, when the program's login shall own nothing. */
  readonly migrationDatabaseUrl: string | undefined;
}

export const OTHER_OWNER =
  'MIGRATION_DATABASE_URL leads to another database than the one of this process. Set it to that one, with the login that owns its schemas.';

/** Looks whether the PostgreSQL that DATABASE_URL names is there and recent enough. @throws StartError */
export async function openExisting({ databaseUrl: url, migrationDatabaseUrl }: ExistingUrls): Promise<OpenPostgres> {
  const { login, mayMigrate } = await lookAt('DATABASE_URL', url);
  const opened = { url, publicUrl: url, stop: async () => {} };
  if (migrationDatabaseUrl === undefined) return { ...opened, migrations: mayMigrate ? { url } : undefined };
  const owner = (await lookAt('MIGRATION_DATABASE_URL', migrationDatabaseUrl)).login;
  if (!(await isSameDatabase(url, migrationDatabaseUrl))) {
    throw new StartError(OTHER_OWNER);
  }
  return { ...opened, migrations: { url: migrationDatabaseUrl, ...(owner === login ? {} : { login }) } };
}

// Before the first migration no schema has an owner: a login that may create them owns them from then on.
const LOOK = `
  select current_setting('server_version') as version, current_user as login, coalesce((
    select pg_has_role(nspowner, 'member') from pg_namespace where nspname = 'migrations'),
    has_database_privilege(current_database(), 'CREATE')) as "mayMigrate",
    exists (select from pg_namespace where nspname = 'migrations') as "hasTables"`;

/** What a login finds in a database. */
export interface Look {
  readonly version: string;
  readonly login: string;
  readonly mayMigrate: boolean;
  /** False before the first migration. */
  readonly hasTables: boolean;
}

/**
 * Connects to a PostgreSQL that the operator named.
 * @param name of the variable or the option
 * @throws StartError when it cannot be reached or is too old
 */
export async function lookAt(name: string, url: string): Promise<Look> {
  let client: pg.Client | undefined;
  try {
    client = await openSession(url, { name: 'stampede-start', responseTimeoutMs: RESPONSE_TIMEOUT_MS });
    const { rows } = await client.query<Look>(LOOK);
    const major = Number.parseInt(rows[0]?.version ?? '', 10);
    if (major < OLDEST_VERSION) {
      throw new StartError(`${name} names a PostgreSQL ${major}; set it to one of version ${OLDEST_VERSION} or later.`);
    }
    const { version = '', login = '', mayMigrate = true, hasTables = false } = rows[0] ?? {};
    return { version, login, mayMigrate, hasTables };
  } catch (error) {
    if (error instanceof StartError) throw error;
    const embedded = name === 'DATABASE_URL' ? '; leave it out for the embedded one' : '';
    throw new StartError(`${name}: ${firstMessage(error)}. Start that PostgreSQL or correct the URL${embedded}.`, {
      cause: error,
    });
  } finally {
    await client?.end().catch(() => {});
  }
}
