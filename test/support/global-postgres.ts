import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { migrationFolders } from '../../src/app/migrations.ts';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { openMemoryDir } from './open-temporary-dir.ts';
import { dropDatabase, execute, withDatabaseName } from './postgres-admin.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server on which the tests may create databases. */
    postgresUrl: string;
    /** The same server, as the login that the program works with. */
    postgresProgramUrl: string;
    /** The database there that has been migrated, and that each test's own is cloned from. */
    postgresTemplate: string;
  }
}

/** One PostgreSQL for all test files: an embedded one in a temporary directory, or DATABASE_URL's server. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = process.env['DATABASE_URL'] ? existing(process.env['DATABASE_URL']) : await embedded();
  const template = `stampede_template_${process.pid}`;
  try {
    await execute(server.url, `create database ${template}`);
    await migrate(withDatabaseName(server.url, template), migrationFolders(), server.login);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('postgresUrl', server.url);
  project.provide('postgresProgramUrl', server.programUrl);
  project.provide('postgresTemplate', template);
  return async () => {
    await dropDatabase(server.url, template);
    await server.stop();
  };
}

/** PROGRAM_DATABASE_URL: the login there that the program works with; else the owner's, and what it may not do is not tested. */
function existing(url: string) {
  const programUrl = process.env['PROGRAM_DATABASE_URL'] ?? url;
  const login = programUrl === url ? undefined : new URL(programUrl).username;
  return { url, programUrl, login, stop: async () => {} };
}

async function embedded() {
  const dataDir = openMemoryDir('stampede-test-');
  const postgres = await startEmbedded({
    dataDir,
    passwords: {
      superuser: 'superuser-of-the-tests',
      application: 'application-of-the-tests',
      program: 'application-of-the-tests',
    },
    settings: {
      // Several test files at once, each with its own pools.
      max_connections: '200',
      shared_buffers: '256MB',
      // These tests end processes, never the operating system; what they wrote survives that without fsync and in
      // memory, where each test's database is cloned in a fraction of the time. test/e2e and test/faults run servers with fsync on.
      fsync: 'off',
    },
    onEvent: (message) => process.stderr.write(`${message}\n`),
    onFatal: (error) => process.stderr.write(`${error.message}\n`),
  });
  return {
    url: postgres.url,
    programUrl: postgres.program.url,
    login: postgres.program.login,
    async stop() {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
