import { systemAudit } from '../../app/audits/system-audit.ts';
import { readSettings } from '../../app/config.ts';
import { everyDatabaseIn } from '../../app/databases.ts';
import { kafkaHere } from '../../app/local/kafka-here.ts';
import { lookAt } from '../../app/local/open-postgres.ts';
import { withExistingDatabase } from '../../app/local/with-database.ts';
import { drainOutbox } from '../../app/move/drain-outbox.ts';
import { type MovedTable, moveContext } from '../../app/move/move-context.ts';
import type { ContextName } from '../../app/parts.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { auditText } from '../audit/audit-text.ts';
import { processesText } from './processes-text.ts';

export interface MoveOptions {
  readonly context: ContextName;
  readonly to: string;
  readonly login?: string;
  readonly dryRun: boolean;
  /** Seconds. */
  readonly settle: number;
}

/** `stampede move`: 0 when the context is in the other database and the audits hold, else 1. */
export async function run({ context, to, login, dryRun, settle }: MoveOptions): Promise<number> {
  const settings = { ...readSettings(process.env), kafka: kafkaHere(process.env) };
  const { kafka } = settings;
  const databaseUrl = settings.services.databaseUrls[context] ?? settings.databaseUrl;
  if (databaseUrl === undefined) {
    throw new StartError(
      `${context} is in the embedded PostgreSQL, which runs only with a process that hosts every part. Copy it to a PostgreSQL of its own with pg_dump, and set DATABASE_URL.`,
    );
  }
  if (!(await lookAt('--to', to)).mayMigrate)
    throw new StartError(
      '--to: this login may not create the schemas, or does not own them. Give that of their owner.',
    );
  return await withExistingDatabase(
    { ...settings, databaseUrl },
    async (_, owner) => {
      if (owner === undefined) {
        throw new StartError("The schemas are not this login's. Set MIGRATION_DATABASE_URL to the URL of their owner.");
      }
      // Before anything moves: a move whose audit is not possible would end half done.
      const databases = { ...everyDatabaseIn(settings), [context]: to };
      const audit = systemAudit(settings, databases, {}, { settleMs: settle * 1_000 });
      const moved = await moveContext({
        context,
        from: owner.url,
        to,
        login,
        dryRun,
        ...(kafka === undefined ? {} : { drain: (from: string) => drainOutbox(from, kafka) }),
      });
      if (moved === undefined) process.stdout.write(`${context} had moved already.\n`);
      else process.stdout.write(tableText(moved, dryRun));
      process.stdout.write(`\n${processesText(context, databases, settings)}\n`);
      if (dryRun) return 0;
      const report = await audit(databases);
      process.stdout.write(auditText(report));
      return report.ok ? 0 : 1;
    },
    // The old database need not have other contexts.
    { parts: new Set([context]) },
  );
}

const tableText = (tables: readonly MovedTable[], dryRun: boolean): string =>
  `${dryRun ? 'Would move' : 'Moved'}:\n${tables.map(({ table, rows }) => `  ${table}: ${rows.toLocaleString('en-US')} rows\n`).join('')}`;
