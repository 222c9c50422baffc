import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Runs one statement on a connection of its own. */
export async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The same server and login, another database. */
export function withDatabaseName(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

const INSUFFICIENT_PRIVILEGE = '42501';
const DROP_FOR_MS = 60_000;
const DROP_EVERY_MS = 100;

/** Ends the remaining connections. The login may not end an autovacuum worker, which ends by itself in a moment. */
export async function dropDatabase(server: string, name: string): Promise<void> {
  const untilMs = performance.now() + DROP_FOR_MS;
  for (;;) {
    try {
      await execute(server, `drop database if exists ${name} with (force)`);
      return;
    } catch (error) {
      const isVacuumed = error instanceof pg.DatabaseError && error.code === INSUFFICIENT_PRIVILEGE;
      if (!isVacuumed || performance.now() > untilMs) throw error;
      await sleep(DROP_EVERY_MS);
    }
  }
}
