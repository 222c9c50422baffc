import pg from 'pg';
import { getRollbackPlans } from 'pg-boss';
import manifest from 'pg-boss/package.json' with { type: 'json' };
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { execute } from '../../../test/support/postgres-admin.ts';
import { migrate } from '../postgres/migrate.ts';
import { QUEUE_SCHEMA } from './queue-tables.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

async function version(): Promise<number> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ version: number }>(`select version from ${QUEUE_SCHEMA}.version`);
  await client.end();
  return Number(rows[0]?.version);
}

it('the queue tables are created once when nodes start together on an empty database', async () => {
  await execute(database.url, `drop schema ${QUEUE_SCHEMA} cascade`);
  await Promise.all(Array.from({ length: 6 }, () => migrate(database.url, [])));
  expect(await version()).toBe(manifest.pgboss.schema);
});

it('the queue tables of an earlier version are migrated to the version of the package', async () => {
  await execute(database.url, getRollbackPlans(QUEUE_SCHEMA, manifest.pgboss.schema));
  expect(await version()).toBe(manifest.pgboss.schema - 1);
  await Promise.all(Array.from({ length: 3 }, () => migrate(database.url, [])));
  expect(await version()).toBe(manifest.pgboss.schema);
});
