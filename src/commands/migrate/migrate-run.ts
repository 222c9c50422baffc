import { readSettings } from '../../app/config.ts';
import { withDatabase } from '../../app/local/with-database.ts';
import { migrationFolders } from '../../app/migrations.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { migrate } from '../../platform/postgres/migrate.ts';

export async function run(): Promise<number> {
  const folders = migrationFolders();
  await withDatabase(readSettings(process.env), async (_, owner) => {
    if (owner === undefined) {
      throw new StartError("The schemas are not this login's. Set MIGRATION_DATABASE_URL to the URL of their owner.");
    }
    await migrate(owner.url, folders, owner.login);
  });
  process.stdout.write(`The schema is up to date: ${folders.map(({ name }) => name).join(', ')}.\n`);
  return 0;
}
