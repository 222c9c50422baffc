import { migrate } from '../platform/postgres/migrate.ts';
import type { Settings } from './config.ts';
import { holdDataDir } from './data-dir.ts';
import { migrationFolders } from './migrations.ts';
import { openEmbedded, openExisting } from './open-postgres.ts';
import { readRunFile } from './run-file.ts';
import { loadSecrets } from './secrets.ts';

/**
 * Gives a command the migrated database of this system: DATABASE_URL's, else the one of the server that runs on the data
 * directory, else it starts the embedded PostgreSQL for as long as `work` takes.
 * @throws StartError
 */
export async function withDatabase<Result>(
  settings: Settings,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl !== undefined) {
    await openExisting(databaseUrl);
    return migrated(databaseUrl, work);
  }
  const running = readRunFile(dataDir);
  if (running !== undefined) return work(running.databaseUrl);

  const lock = holdDataDir(dataDir);
  try {
    const secrets = loadSecrets(dataDir, settings.jwtSecret);
    const quiet = { onEvent: () => {}, onFatal: () => {} }; // the command's own query fails, and says so
    const postgres = await openEmbedded(dataDir, secrets, quiet);
    try {
      return await migrated(postgres.url, work);
    } finally {
      await postgres.stop();
    }
  } finally {
    lock.release();
  }
}

async function migrated<Result>(url: string, work: (url: string) => Promise<Result>): Promise<Result> {
  await migrate(url, migrationFolders());
  return work(url);
}
