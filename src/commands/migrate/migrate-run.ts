import { readSettings } from '../../app/config.ts';
import { foldersHere, withDatabase } from '../../app/local/with-database.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { migrate } from '../../platform/postgres/migrate.ts';

export async function run(): Promise<number> {
  const folders = await withDatabase(readSettings(process.env), async (_, owner) => {
    if (owner === undefined) {
      throw new StartError("The schemas are not this login's. Set MIGRATION_DATABASE_URL to the URL of their owner.");
    }
    const here = await foldersHere(owner.url);
    await migrate(owner.url, here, owner.login);
    return here;
  });
  process.stdout.write(`The schema is up to date: ${folders.map(({ name }) => name).join(', ')}.\n`);
  return 0;
}
