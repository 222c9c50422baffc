import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';

const EVERY_MS = 60_000;
const ROWS_MAX = 1_000;
/** Between two batches, so that a sweep of many rows leaves PostgreSQL to requests for most of the time. */
const PAUSE_MS = 50;

/** `idempotency_keys` holds what versions before `command_results` kept; nothing is added to it. */
const TABLES = ['platform.command_results', 'platform.idempotency_keys'];

const sweepOf = (table: string): string => `
  delete from ${table} where ctid = any(array(
    select ctid from ${table} where expires_at <= now() limit ${ROWS_MAX} for update skip locked))`;

/** Deletes keys that are over 24 h old, every minute, in batches of 1,000 rows. Any number of nodes may do it. */
export function startSweep(pool: Pick<pg.Pool, 'query'>, log: Logger): { stop(): void } {
  let isUnderWay = false;
  let isStopped = false;
  const sweep = async (): Promise<void> => {
    if (isUnderWay) return;
    isUnderWay = true;
    try {
      await sweepExpired(pool, () => isStopped);
    } catch (error) {
      log.warn({ err: error }, 'expired idempotency keys were not deleted');
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
  for (const table of TABLES) {
    while (!isStopped()) {
      const { rowCount } = await pool.query(sweepOf(table));
      if ((rowCount ?? 0) < ROWS_MAX) break;
      await pause(PAUSE_MS);
    }
  }
}
