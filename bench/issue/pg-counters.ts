import type { ClientBase } from 'pg';

/** What PostgreSQL did since it was started. Differences of two readings are used. */
export interface PgCounters {
  /** WAL fsyncs of all processes. */
  readonly walSyncs: number;
  readonly walBytes: number;
  /** Rows inserted, updated and deleted in this database, the outbox included. */
  readonly rows: number;
  readonly transactions: number;
  readonly deadlocks: number;
}

// From PostgreSQL 18 on, WAL syncs are counted in pg_stat_io, and no longer in pg_stat_wal.
const WAL_SYNCS_18 = `select coalesce(sum(fsyncs), 0) from pg_stat_io where object = 'wal'`;
const WAL_SYNCS_OLD = 'select wal_sync from pg_stat_wal';

/** Backends hand their figures over when they end: read after the baseline has stopped. */
export async function readPgCounters(client: ClientBase): Promise<PgCounters> {
  const version = await client.query<{ server_version_num: string }>('show server_version_num');
  const walSyncs = Number(version.rows[0]?.server_version_num) >= 180_000 ? WAL_SYNCS_18 : WAL_SYNCS_OLD;
  await client.query('select pg_stat_clear_snapshot()');
  const found = await client.query<Record<keyof PgCounters, string>>(`
    select (${walSyncs}) as "walSyncs", (select wal_bytes from pg_stat_wal) as "walBytes",
           tup_inserted + tup_updated + tup_deleted as rows, xact_commit as transactions, deadlocks
      from pg_stat_database where datname = current_database()`);
  const [row] = found.rows;
  if (row === undefined) throw new Error('no statistics of this database');
  return {
    walSyncs: Number(row.walSyncs),
    walBytes: Number(row.walBytes),
    rows: Number(row.rows),
    transactions: Number(row.transactions),
    deadlocks: Number(row.deadlocks),
  };
}

export const since = (before: PgCounters, after: PgCounters): PgCounters => ({
  walSyncs: after.walSyncs - before.walSyncs,
  walBytes: after.walBytes - before.walBytes,
  rows: after.rows - before.rows,
  transactions: after.transactions - before.transactions,
  deadlocks: after.deadlocks - before.deadlocks,
});
