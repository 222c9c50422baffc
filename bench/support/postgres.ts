import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import pg from 'pg';
import { migrationFolders } from '../../src/app/migrations.ts';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { dropDatabase } from '../../test/support/postgres-admin.ts';
import { parentOf } from './cpu.ts';

/** A server on which the bench may create databases. */
export interface OpenedPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** DATABASE_URL's when it is set, else an embedded one with its files below `workDir`. */
export async function openPostgres(workDir: string): Promise<OpenedPostgres> {
  const given = process.env['DATABASE_URL'];
  if (given) return { url: given, async stop() {} };
  const password = randomBytes(18).toString('base64url');
  const { url, stop } = await startEmbedded({
    dataDir: workDir,
    passwords: { superuser: password, application: password, program: password },
    onEvent: (message) => console.error(message),
    onFatal: (error) => {
      throw error;
    },
  });
  return { url, stop };
}

/** Runs `work` on its own migrated database, and removes it afterwards. */
export async function onFreshDatabase(name: string, work: (url: string) => Promise<void>): Promise<void> {
  const dir = openTemporaryDir('stampede-bench-');
  const postgres = await openPostgres(dir);
  const database = `${name}_${randomBytes(4).toString('hex')}`;
  try {
    await asAdmin(postgres.url, (client) => client.query(`create database ${database}`));
    const url = withDatabase(postgres.url, database);
    await migrate(url, migrationFolders());
    await work(url);
  } finally {
    await dropDatabase(postgres.url, database);
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

export async function asAdmin<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Returns the process that has started all others of a PostgreSQL on this machine: a connection's process may end before a measurement does.
 * Undefined where there is no /proc.
 */
export const postmasterOf = (url: string): Promise<number | undefined> =>
  asAdmin(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    return rows[0] && parentOf(rows[0].pid);
  });

/** The same server and login, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
