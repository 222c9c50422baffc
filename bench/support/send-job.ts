import { PgBoss } from 'pg-boss';
import { QUEUE_SCHEMA } from '../../src/platform/scheduling/queue-tables.ts';

/** Makes the running server run a scheduled task now. */
export async function sendJob(databaseUrl: string, job: string): Promise<void> {
  const boss = new PgBoss({ connectionString: databaseUrl, schema: QUEUE_SCHEMA, schedule: false, supervise: false });
  await boss.start();
  await boss.send(job);
  await boss.stop({ graceful: false });
}
