import { systemAudit } from '../../app/audits/system-audit.ts';
import { readSettings, type Settings } from '../../app/config.ts';
import { type Databases, everyDatabaseIn } from '../../app/databases.ts';
import { kafkaHere } from '../../app/local/kafka-here.ts';
import { withExistingDatabase } from '../../app/local/with-database.ts';
import { drainOutbox } from '../../app/move/drain-outbox.ts';
import { type MovedTable, moveContext } from '../../app/move/move-context.ts';
import { databaseVariable, type ServiceName } from '../../app/service-variables.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { auditText } from '../audit/audit-text.ts';

export interface MoveOptions {
  readonly context: ServiceName;
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
  return await withExistingDatabase(
    { ...settings, databaseUrl },
    async (url, owner) => {
      if (owner === undefined) {
        throw new StartError("The schemas are not this login's. Set MIGRATION_DATABASE_URL to the URL of their owner.");
      }
      // Before anything moves: a move whose audit is not possible would end half done.
      const databases = { ...databasesBefore(context, settings, url), [context]: to };
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
      if (dryRun) return 0;
      process.stdout.write(
        `Set ${databaseVariable(context)} to the other database before a process with ${context} starts.\n\n`,
      );
      const report = await audit(databases);
      process.stdout.write(auditText(report));
      return report.ok ? 0 : 1;
    },
    // The old database need not have other contexts.
    { parts: new Set([context]) },
  );
}

/** @param url the database that has the context: that of every part without a variable when the context has none either */
function databasesBefore(context: ServiceName, { services, databaseUrl }: Settings, url: string): Databases {
  const isOwn = services.databaseUrls[context] !== undefined;
  return everyDatabaseIn({ services, databaseUrl: databaseUrl ?? (isOwn ? undefined : url) });
}

const tableText = (tables: readonly MovedTable[], dryRun: boolean): string =>
  `${dryRun ? 'Would move' : 'Moved'}:\n${tables.map(({ table, rows }) => `  ${table}: ${rows.toLocaleString('en-US')} rows\n`).join('')}`;
