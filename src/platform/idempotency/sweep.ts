import type pg from 'pg';
import type { Logger } from 'pino';

const EVERY_MS = 60_000;
const ROWS_MAX = 1_000;
const BATCHES_MAX = 100;

/** `idempotency_keys` holds what versions before `command_results` kept; nothing is added to it. */
const TABLES = ['platform.command_results', 'platform.idempotency_keys'];

const sweepOf = (table: string): string => `
  delete from ${table} where ctid = any(array(
    select ctid from ${table} where expires_at <= now() limit ${ROWS_MAX} for update skip locked))`;

/** Deletes keys that are over 24 h old, every minute, in batches of 1,000 rows. Any number of nodes may do it. */
export function startSweep(pool: Pick<pg.Pool, 'query'>, log: Logger): { stop(): void } {
  const sweep = (): void => {
    sweepExpired(pool).catch((error) => log.warn({ err: error }, 'expired idempotency keys were not deleted'));
  };
  const timer = setInterval(sweep, EVERY_MS).unref();
  return { stop: () => clearInterval(timer) };
}

/** One sweep: full batches follow each other, at most 100,000 rows a table. Throws what PostgreSQL throws. */
export async function sweepExpired(pool: Pick<pg.Pool, 'query'>): Promise<void> {
  for (const table of TABLES) {
    for (let batch = 0; batch < BATCHES_MAX; batch++) {
      const { rowCount } = await pool.query(sweepOf(table));
      if ((rowCount ?? 0) < ROWS_MAX) break;
    }
  }
}
