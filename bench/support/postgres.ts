import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';

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
    passwords: { superuser: password, application: password },
    onEvent: (message) => console.error(message),
    onFatal: (error) => {
      throw error;
    },
  });
  return { url, stop };
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

/** The same server and login, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
