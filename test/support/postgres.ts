import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { execute, withDatabaseName } from './postgres-admin.ts';

export interface TestDatabase {
  /** As the owner of its schemas. */
  readonly url: string;
  /** As the login that the program works with; the owner's on a server that the tests did not start. */
  readonly programUrl: string;
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
    programUrl: withDatabaseName(inject('postgresProgramUrl'), name),
    drop: () => dropDatabase(server, name),
  };
}

const INSUFFICIENT_PRIVILEGE = '42501';
const DROP_TRIES = 100;
const DROP_EVERY_MS = 100;

/** Our login may end its own sessions and no autovacuum worker, which is done with so small a database in a moment. */
async function dropDatabase(server: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await execute(server, `drop database if exists ${name} with (force)`);
      return;
    } catch (error) {
      const isVacuumed = error instanceof pg.DatabaseError && error.code === INSUFFICIENT_PRIVILEGE;
      if (!isVacuumed || attempt === DROP_TRIES) throw error;
      await sleep(DROP_EVERY_MS);
    }
  }
}
