import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { outageLog } from '../telemetry/outage-log.ts';

const EVERY_MS = 60_000;
const ROWS_MAX = 1_000;
/** Between two batches, so that a sweep of many rows leaves PostgreSQL to requests for most of the time. */
const PAUSE_MS = 50;

/** What is over, by table. `idempotency_keys` holds what versions before `command_results` kept; nothing is added to it. */
const EXPIRED = {
  'platform.command_results': 'expires_at <= now()',
  'platform.key_claims': 'expires_at <= now()',
  'platform.idempotency_keys': 'expires_at <= now()',
  'platform.known_logins': 'expires_at <= now()',
  // Of processes that were killed.
  'platform.replica_beats': "at < now() - interval '1 day'",
  // An hour late: windows go by the clocks of the nodes.
  'platform.rate_limits': 'expire <= (extract(epoch from now()) - 3600) * 1000',
};

const sweepOf = (table: string, isExpired: string): string => `
  delete from ${table} where ctid = any(array(
    select ctid from ${table} where ${isExpired} limit ${ROWS_MAX} for update skip locked))`;

/** Deletes rows of the platform that are over, every minute, in batches of 1,000 rows. Any number of nodes may do it. */
export function startSweep(pool: Pick<pg.Pool, 'query'>, log: Logger): { stop(): void } {
  const outage = outageLog({ log, message: 'expired rows were not deleted', over: 'expired rows are deleted again' });
  let isUnderWay = false;
  let isStopped = false;
  const sweep = async (): Promise<void> => {
    if (isUnderWay) return;
    isUnderWay = true;
    try {
      await sweepExpired(pool, () => isStopped);
      outage.succeeded();
    } catch (error) {
      outage.failed(error);
    } finally {
      isUnderWay = false;
    }
  };
  const timer = setInterval(() => void sweep(), EVERY_MS).unref();
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
    },
  };
}

/** One sweep: full batches follow each other until no expired row is left, or `isStopped`. Throws what PostgreSQL throws. */
export async function sweepExpired(pool: Pick<pg.Pool, 'query'>, isStopped = () => false): Promise<void> {
  for (const [table, isExpired] of Object.entries(EXPIRED)) {
    while (!isStopped()) {
      const { rowCount } = await pool.query(sweepOf(table, isExpired));
      if ((rowCount ?? 0) < ROWS_MAX) break;
      await pause(PAUSE_MS);
    }
  }
}
