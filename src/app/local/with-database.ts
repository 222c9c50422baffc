import { StartError } from '../../platform/kernel/start-error.ts';
import { migrate } from '../../platform/postgres/migrate.ts';
import type { Settings } from '../config.ts';
import { migrationFolders } from '../migrations.ts';
import { hasDatabase, holdDataDir } from './data-dir.ts';
import { type OpenPostgres, openEmbedded, openExisting } from './open-postgres.ts';
import { readPidFile } from './pid-file.ts';
import { loadSecrets } from './secrets.ts';

/** `migrations`: how the owner of the schemas gets there. */
type Work<Result> = (url: string, migrations: OpenPostgres['migrations']) => Promise<Result>;

/**
 * Gives a command the migrated database of this system: DATABASE_URL's, else the one of the server that runs on the data
 * directory, else it starts the embedded PostgreSQL for as long as `work` takes.
 * @throws StartError
 */
export async function withDatabase<Result>(settings: Settings, work: Work<Result>): Promise<Result> {
  const { databaseUrl, migrationDatabaseUrl, dataDir } = settings;
  if (databaseUrl !== undefined) return migrated(await openExisting({ databaseUrl, migrationDatabaseUrl }), work);
  const running = readPidFile(dataDir);
  if (running !== undefined) return work(running.databaseUrl, running.migrations);

  const lock = holdDataDir(dataDir);
  try {
    const secrets = loadSecrets(dataDir, settings.jwtSecret);
    const quiet = { onEvent: () => {}, onFatal: () => {} }; // the command's own query fails, and says so
    const postgres = await openEmbedded(dataDir, secrets, quiet);
    try {
      return await migrated(postgres, work);
    } finally {
      await postgres.stop();
    }
  } finally {
    lock.release();
  }
}

/**
 * As `withDatabase`, for commands that only look at what is there: an empty database that was created for them would look sound.
 * @throws StartError also when there is no database
 */
export async function withExistingDatabase<Result>(settings: Settings, work: Work<Result>): Promise<Result> {
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl === undefined && !hasDatabase(dataDir)) {
    throw new StartError(
      `There is no database in ${dataDir}. Set STAMPEDE_DATA_DIR to the directory of your Stampede, or DATABASE_URL; start a new one with: npm start`,
    );
  }
  return withDatabase(settings, work);
}

async function migrated<Result>({ url, migrations }: OpenPostgres, work: Work<Result>): Promise<Result> {
  if (migrations) await migrate(migrations.url, migrationFolders(), migrations.login);
  return work(url, migrations);
}
