import { constants } from 'node:os';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { contextsElsewhere } from '../../platform/postgres/context-moves.ts';
import { type MigrationFolder, migrate } from '../../platform/postgres/migrate.ts';
import { openSession } from '../../platform/postgres/session.ts';
import type { Settings } from '../config.ts';
import { migrationFolders } from '../migrations.ts';
import type { Target } from '../parts.ts';
import { hasDatabase, holdDataDir } from './data-dir.ts';
import { lookAt, type Migrations, type OpenPostgres, openEmbedded, openExisting } from './open-postgres.ts';
import { readPidFile } from './pid-file.ts';
import { loadSecrets } from './secrets.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `migrations`: how the owner of the schemas gets there. */
type Work<Result> = (url: string, migrations: OpenPostgres['migrations']) => Promise<Result>;

/**
 * Gives a command the migrated database of this system: DATABASE_URL's, else the one of the server that runs on the data
 * directory, else it starts the embedded PostgreSQL for as long as `work` takes.
 * @param target the parts whose tables are migrated. Absent: all that have not moved to another database
 * @throws StartError
 */
export async function withDatabase<Result>(
  settings: Settings,
  work: Work<Result>,
  target?: Pick<Target, 'parts'>,
): Promise<Result> {
  const { databaseUrl, migrationDatabaseUrl, dataDir } = settings;
  if (databaseUrl !== undefined) {
    return migrated(await openExisting({ databaseUrl, migrationDatabaseUrl }), work, target);
  }
  const running = readPidFile(dataDir);
  if (running !== undefined) return work(running.databaseUrl, running.migrations);
  return await onEmbedded(settings, (postgres) => migrated(postgres, work, target));
}

/**
 * Gives a command a database that it fills: that of DATABASE_URL, else the embedded one, which no server may use. It is not migrated.
 * @param work gets the URL of the program's login, and how the owner of the schemas gets there
 * @throws StartError
 */
export async function withEmptyDatabase<Result>(
  settings: Settings,
  work: (url: string, owner: Migrations) => Promise<Result>,
): Promise<Result> {
  const { databaseUrl, migrationDatabaseUrl } = settings;
  const fill = ({ url, migrations }: OpenPostgres): Promise<Result> => {
    if (migrations === undefined)
      throw new StartError('This login may create no schemas. Set MIGRATION_DATABASE_URL to the URL of one that may.');
    return work(url, migrations);
  };
  if (databaseUrl !== undefined) return await fill(await openExisting({ databaseUrl, migrationDatabaseUrl }));
  return await onEmbedded(settings, fill);
}

/** Starts the embedded PostgreSQL for as long as `work` takes, or until a signal ends this process. @throws StartError */
async function onEmbedded<Result>(
  { dataDir, jwtSecrets }: Settings,
  work: (postgres: OpenPostgres) => Promise<Result>,
): Promise<Result> {
  const lock = holdDataDir(dataDir);
  try {
    const quiet = { onEvent: () => {}, onFatal: () => {} }; // the command's own query fails, and says so
    const postgres = await openEmbedded(dataDir, loadSecrets(dataDir, jwtSecrets), quiet);
    const endBySignal = (name: NodeJS.Signals): void => {
      // Without it PostgreSQL, which is no child that ends with this process, would stay.
      void postgres.stop().finally(() => {
        lock.release();
        process.exit(128 + constants.signals[name]);
      });
    };
    for (const name of SIGNALS) process.on(name, endBySignal);
    try {
      return await work(postgres);
    } finally {
      await postgres.stop();
      for (const name of SIGNALS) process.off(name, endBySignal);
    }
  } finally {
    lock.release();
  }
}

/**
 * As `withDatabase`, for commands that only look at what is there: an empty database that was created for them would look sound.
 * @throws StartError also when there is no database
 */
export async function withExistingDatabase<Result>(
  settings: Settings,
  work: Work<Result>,
  target?: Pick<Target, 'parts'>,
): Promise<Result> {
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl === undefined && !hasDatabase(dataDir)) {
    throw new StartError(
      `There is no database in ${dataDir}. Set STAMPEDE_DATA_DIR to the directory of your Stampede, or DATABASE_URL; start a new one with: ${commandLine('serve')}`,
    );
  }
  if (databaseUrl !== undefined && !(await lookAt('DATABASE_URL', databaseUrl)).hasTables) {
    throw new StartError(
      `The database of DATABASE_URL has no tables of Stampede. Correct the URL, or create them with: ${commandLine('migrate')}`,
    );
  }
  return withDatabase(settings, work, target);
}

async function migrated<Result>(
  { url, migrations }: OpenPostgres,
  work: Work<Result>,
  target?: Pick<Target, 'parts'>,
): Promise<Result> {
  if (migrations) await migrate(migrations.url, await foldersHere(migrations.url, target), migrations.login);
  return work(url, migrations);
}

/** Without the contexts that have moved to another database. */
export async function foldersHere(url: string, target?: Pick<Target, 'parts'>): Promise<readonly MigrationFolder[]> {
  const client = await openSession(url, { name: 'stampede-start' });
  try {
    const elsewhere = await contextsElsewhere(client);
    return migrationFolders(target).filter(({ name }) => !elsewhere.has(name));
  } finally {
    await client.end();
  }
}
