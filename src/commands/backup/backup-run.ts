import { statSync } from 'node:fs';
import { backUp } from '../../app/backup/back-up.ts';
import { readSettings } from '../../app/config.ts';
import { withExistingDatabase } from '../../app/local/with-database.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { EXIT } from '../exit-codes.ts';

export interface BackupOptions {
  readonly file: string;
}

const MB = 1_000_000;

/** `stampede backup`. @throws StartError */
export async function run({ file }: BackupOptions): Promise<number> {
  const settings = readSettings(process.env);
  if (Object.keys(settings.services.databaseUrls).length > 0) {
    throw new StartError(
      'A file has one moment of one database, and COUPON_DATABASE_URL and so on name several. Back them up by the archive of their PostgreSQL (pg_basebackup and WAL).',
    );
  }
  const startedMs = performance.now();
  const { at, rows } = await withExistingDatabase(settings, (url, owner) => backUp(owner?.url ?? url, file));
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  const size = (statSync(file).size / MB).toFixed(1);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  process.stdout.write(
    `${file} has the database as it was at ${at}: ${total.toLocaleString('en')} rows of ${Object.keys(rows).length} tables, ${size} MB, in ${seconds} s.
It has neither keys nor images: keep secrets.json, or the variables of the keys, and the files, too.\n`,
  );
  return EXIT.DONE;
}
