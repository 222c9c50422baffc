import type pg from 'pg';
import { PgBoss } from 'pg-boss';

/** The PostgreSQL schema that pg-boss keeps its tables in. */
export const QUEUE_SCHEMA = 'pgboss';

/**
 * Makes pg-boss' tables, or brings them to the version of the installed package; then the nodes that serve build in the
 * background what indexes that takes.
 */
export async function migrateQueueTables(client: pg.Client): Promise<void> {
  const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
  const boss = new PgBoss({ db, schema: QUEUE_SCHEMA, schedule: false, supervise: false });
  const failed = Promise.withResolvers<never>();
  boss.on('error', failed.reject);
  await Promise.race([boss.start(), failed.promise]);
  await boss.stop({ graceful: false, close: false });
}
