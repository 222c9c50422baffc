import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { dropDatabase, execute, withDatabaseName } from './postgres-admin.ts';

export interface TestDatabase {
  /** As the owner of its schemas. */
  readonly url: string;
  /** As the login that the program works with; the owner's on a server that the tests did not start. */
  readonly programUrl: string;
  /** Ends what is still connected, too. */
  drop(): Promise<void>;
}

/** A fresh database of the test's own, migrated by default, on the PostgreSQL that globalSetup started. */
export async function testDatabase({ isMigrated = true } = {}): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = isMigrated ? inject('postgresTemplate') : 'template0';
  // Through WAL, the default, a copy takes half as long again.
  await execute(server, `create database ${name} template ${template} strategy file_copy`);
  return {
    url: withDatabaseName(server, name),
    programUrl: withDatabaseName(inject('postgresProgramUrl'), name),
    drop: () => dropDatabase(server, name),
  };
}
