import { readSettings } from '../app/config.ts';
import { migrationFolders } from '../app/migrations.ts';
import { withDatabase } from '../app/with-database.ts';
import { migrate } from '../platform/postgres/migrate.ts';

export async function run(): Promise<number> {
  const folders = migrationFolders();
  await withDatabase(readSettings(process.env), (_, owner) => migrate(owner.url, folders, owner.login));
  process.stdout.write(`The schema is up to date: ${folders.map(({ name }) => name).join(', ')}.\n`);
  return 0;
}
