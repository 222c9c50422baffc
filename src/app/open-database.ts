import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type Database, type DatabaseOptions, openDatabase } from '../platform/postgres/database.ts';
import { outageLog } from '../platform/telemetry/outage-log.ts';
import { observePools, observeReplica } from '../platform/telemetry/process-metrics.ts';
import type { Config } from './config.ts';

interface DatabaseParts {
  /** How the clock of the database is estimated, observed and mapped to the present. */
  readonly time: NonNullable<DatabaseOptions['time']>;
  readonly metrics: Registry;
  readonly log: Logger;
}

export function openDatabaseOf(
  { databaseUrl, ways, workers }: Config,
  { time, metrics, log }: DatabaseParts,
): Database {
  const database = openDatabase({
    url: databaseUrl,
    poolerUrl: ways.DATABASE_POOLER_URL,
    replicaUrl: ways.READ_DATABASE_URL,
    processes: workers,
    // All of them break at once.
    onError: outageLog({ log, message: 'an idle connection to PostgreSQL broke' }).failed,
    onReplica(isUsed, cause) {
      if (isUsed) log.info('the read replica is used');
      else log.warn({ err: cause }, 'the read replica is away or too far behind; the primary serves its reads');
    },
    time,
  });
  observePools(metrics, database.pools);
  if (database.replica !== undefined) observeReplica(metrics, database.replica);
  return database;
}
