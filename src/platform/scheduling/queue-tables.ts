import type pg from 'pg';
import { PgBoss } from 'pg-boss';

/** The PostgreSQL schema that pg-boss keeps its tables in. */
export const QUEUE_SCHEMA = 'pgboss';

/**
 * Creates pg-boss' tables, or migrates them to the version of the installed package. Nodes that serve then build its indexes in the
 * background.
 */
export async function migrateQueueTables(client: pg.Client): Promise<void> {
  const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
  const boss = new PgBoss({ db, schema: QUEUE_SCHEMA, schedule: false, supervise: false });
  const failed = Promise.withResolvers<never>();
  boss.on('error', failed.reject);
  await Promise.race([boss.start(), failed.promise]);
  await boss.stop({ graceful: false, close: false });
}
