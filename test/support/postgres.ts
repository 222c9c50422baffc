import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { execute, withDatabaseName } from './postgres-admin.ts';

export interface TestDatabase {
  readonly url: string;
  /** Ends what is still connected, too. */
  drop(): Promise<void>;
}

/** A fresh, migrated database of the test's own, on the PostgreSQL that globalSetup started. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(server, `create database ${name} template ${inject('postgresTemplate')}`);
  return {
    url: withDatabaseName(server, name),
    drop: () => execute(server, `drop database if exists ${name} with (force)`),
  };
}
