import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Composed, compose } from '../../src/app/compose.ts';
import { readSettings } from '../../src/app/config.ts';
import { migrationFolders } from '../../src/app/migrations.ts';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { createLogger } from '../../src/platform/telemetry/logger.ts';
import { asAdmin } from '../issue/ground.ts';

/** One PostgreSQL of this bench's own, in a temporary directory. */
export interface Ground {
  readonly url: string;
  /** Everything below the edge over a new database. */
  system(name: string): Promise<Composed>;
  close(): Promise<void>;
}

export async function openGround(): Promise<Ground> {
  const dataDir = await mkdtemp(join(tmpdir(), 'stampede-bench-'));
  const password = randomBytes(18).toString('base64url');
  const postgres = await startEmbedded({
    dataDir,
    passwords: { superuser: password, application: password },
    onEvent: (message) => console.error(message),
    onFatal: (error) => {
      throw error;
    },
  });
  const systems: Composed[] = [];
  return {
    url: postgres.url,
    async system(name) {
      await asAdmin(postgres.url, (client) => client.query(`create database ${name}`));
      const url = new URL(postgres.url);
      url.pathname = `/${name}`;
      await migrate(url.href, migrationFolders());
      const jwtSecret = randomBytes(36).toString('base64url');
      const settings = readSettings({ STAMPEDE_RATE_LIMIT: 'off', STAMPEDE_DATA_DIR: dataDir });
      const system = await compose({ ...settings, databaseUrl: url.href, jwtSecret }, { log: createLogger('silent') });
      systems.push(system);
      return system;
    },
    async close() {
      for (const system of systems) await system.stop();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
