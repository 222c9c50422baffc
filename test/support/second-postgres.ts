import { rmSync } from 'node:fs';
import { migrationFolders } from '../../src/app/migrations.ts';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { openMemoryDir } from './open-temporary-dir.ts';
import { execute, withDatabaseName } from './postgres-admin.ts';

export interface SecondPostgres {
  /** A fresh database with the tables of every context. */
  database(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** A PostgreSQL of its own beside that of all tests. */
export async function secondPostgres(): Promise<SecondPostgres> {
  const dataDir = openMemoryDir('stampede-second-');
  const password = 'of-the-second-server';
  const postgres = await startEmbedded({
    dataDir,
    passwords: { superuser: password, application: password, program: password },
    settings: { max_connections: '200', shared_buffers: '64MB', fsync: 'off' },
    onEvent: () => {},
    onFatal: (error) => process.stderr.write(`${error.message}\n`),
  });
  return {
    async database(name) {
      await execute(postgres.url, `create database ${name}`);
      const url = withDatabaseName(postgres.url, name);
      await migrate(url, migrationFolders(), postgres.program.login);
      return url;
    },
    async stop() {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
