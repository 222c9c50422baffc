import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Clock } from '../kernel/clock.ts';

const LOOK_MS = 250;

const READ = 'select ahead_ms from platform.sandbox_clock';
const MOVE = `
  insert into platform.sandbox_clock as c (one, ahead_ms) values (true, $1)
  on conflict (one) do update set ahead_ms = c.ahead_ms + excluded.ahead_ms returning ahead_ms`;

/** A clock that people move, for trying out what time brings. All nodes of a system share it, and it outlives them. */
export interface MovableClock {
  readonly now: Clock;
  /** How far it is ahead of real time, in ms. */
  aheadMs(): number;
  /** Resolves when every node that listens to PostgreSQL goes by it. @param ms above 0: time does not go back */
  advance(ms: number): Promise<void>;
  stop(): void;
}

/** Throws what PostgreSQL throws. `onError` hears when it cannot be read later on; until it can, time goes on as it was. */
export async function openMovableClock(
  pool: Pick<pg.Pool, 'query'>,
  real: Clock,
  onError: (error: unknown) => void,
): Promise<MovableClock> {
  let aheadMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const take = ({ rows }: pg.QueryResult<{ ahead_ms: bigint }>): void => {
    aheadMs = Number(rows[0]?.ahead_ms ?? 0);
  };
  const read = async (): Promise<void> => take(await pool.query(READ));
  const look = async (): Promise<void> => {
    await read().catch(onError);
    if (!stopped) timer = setTimeout(() => void look(), LOOK_MS).unref();
  };

  await read();
  timer = setTimeout(() => void look(), LOOK_MS).unref();
  return {
    now: () => real() + aheadMs,
    aheadMs: () => aheadMs,
    async advance(ms) {
      take(await pool.query(MOVE, [ms]));
      await sleep(2 * LOOK_MS);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
