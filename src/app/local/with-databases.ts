import type { Settings } from '../config.ts';
import { type Databases, everyDatabaseIn, oneDatabase } from '../databases.ts';
import { readPidFile } from './pid-file.ts';
import { withExistingDatabase } from './with-database.ts';

/**
 * Gives a command that only looks at what is there the databases of all parts: those of `npm run cluster` on the data directory, or of
 * COUPON_DATABASE_URL and so on, which their own processes have migrated; else the one database, as `withExistingDatabase` does.
 * @throws StartError when there is none, or when some parts have none
 */
export async function withExistingDatabases<Result>(
  settings: Settings,
  work: (databases: Databases) => Promise<Result>,
): Promise<Result> {
  const hasOwn = Object.keys(settings.services.databaseUrls).length > 0;
  const running = settings.databaseUrl === undefined ? readPidFile(settings.dataDir)?.databases : undefined;
  const databases = hasOwn ? everyDatabaseIn(settings) : running;
  if (databases !== undefined) return work(databases);
  return withExistingDatabase(settings, (url) => work(oneDatabase(url)));
}
