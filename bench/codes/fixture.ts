import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { type Composed, compose } from '../../src/app/compose.ts';
import { readSettings } from '../../src/app/config.ts';
import { migrationFolders } from '../../src/app/migrations.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { createLogger } from '../../src/platform/telemetry/logger.ts';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { asAdmin, openPostgres, withDatabase } from '../support/postgres.ts';

/** One PostgreSQL of this bench's own, in a temporary directory. */
export interface Fixture {
  readonly url: string;
  /** Everything below the edge over a new database. */
  system(name: string): Promise<Composed>;
  close(): Promise<void>;
  /** Stops PostgreSQL although statements are running: a fill takes minutes. */
  abort(): Promise<void>;
}

export async function openFixture(): Promise<Fixture> {
  const dataDir = openTemporaryDir('stampede-bench-');
  const postgres = await openPostgres(dataDir);
  const systems: Composed[] = [];
  const abort = async (): Promise<void> => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return {
    url: postgres.url,
    async system(name) {
      await asAdmin(postgres.url, (client) => client.query(`create database ${name}`));
      const databaseUrl = withDatabase(postgres.url, name);
      await migrate(databaseUrl, migrationFolders());
      const jwtSecret = randomBytes(36).toString('base64url');
      const settings = readSettings({ STAMPEDE_RATE_LIMIT: 'off', STAMPEDE_DATA_DIR: dataDir });
      const system = await compose(
        { ...settings, databaseUrl, jwtSecrets: [jwtSecret] },
        { log: createLogger('silent') },
      );
      systems.push(system);
      return system;
    },
    async close() {
      for (const system of systems) await system.stop();
      await abort();
    },
    abort,
  };
}
