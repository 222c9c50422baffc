import { systemAudit } from '../../app/audits/system-audit.ts';
import { restore } from '../../app/backup/restore.ts';
import { readSettings } from '../../app/config.ts';
import { oneDatabase } from '../../app/databases.ts';
import { kafkaHere } from '../../app/local/kafka-here.ts';
import { withEmptyDatabase } from '../../app/local/with-database.ts';
import { auditText } from '../audit/audit-text.ts';
import { EXIT } from '../exit-codes.ts';
import { assertReadable } from '../readable-file.ts';

export interface RestoreOptions {
  readonly file: string;
}

/** `stampede restore`: 0 when the database has every row of the backup, and every invariant holds. @throws StartError */
export async function run({ file }: RestoreOptions): Promise<number> {
  await assertReadable(file);
  const settings = { ...readSettings(process.env), kafka: kafkaHere(process.env) };
  return await withEmptyDatabase(settings, async (url, { url: owner, login }) => {
    const { at, rows } = await restore({ file, url: owner, login });
    const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
    process.stdout.write(
      `${total.toLocaleString('en')} rows of ${Object.keys(rows).length} tables are as they were at ${at}.\n\n`,
    );
    const databases = oneDatabase(url);
    const report = await systemAudit(settings, databases, {}, { settleMs: 0 })(databases);
    process.stdout.write(auditText(report));
    return report.ok ? EXIT.DONE : EXIT.FAILED;
  });
}
