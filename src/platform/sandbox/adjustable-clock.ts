import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { transactOnce } from '../idempotency/transact-once.ts';
import type { Clock } from '../kernel/clock.ts';
import { type CommandKey, executeOnce } from '../kernel/command-key.ts';
import { type Refusal, toRefusalResponse } from '../kernel/refusal.ts';
import type { Outage } from '../telemetry/outage-log.ts';

const POLL_MS = 250;

const READ = 'select ahead_ms from platform.sandbox_clock';
const MOVE_TO = `
  insert into platform.sandbox_clock as c (one, ahead_ms) values (true, $1)
  on conflict (one) do update set ahead_ms = excluded.ahead_ms where c.ahead_ms < excluded.ahead_ms`;
const MOVE = `
  insert into platform.sandbox_clock as c (one, ahead_ms) values (true, $1)
  on conflict (one) do update set ahead_ms = c.ahead_ms + excluded.ahead_ms returning ahead_ms`;

/** A clock that people move, for trying out what time brings. All nodes of a system share it, and it outlives them. */
export interface AdjustableClock {
  readonly now: Clock;
  /** How far it is ahead of real time, in ms. */
  aheadMs(): number;
  /**
   * Resolves when every node that reads PostgreSQL goes by it. With a key the time moves once for it.
   * Throws RangeError unless `ms` is above 0, or the key is known: time does not go back.
   */
  advance(ms: number, commandKey?: CommandKey): Promise<Moved>;
  /**
   * Moves it to at least `ms` ahead of real time, as another database has it. Resolves with how far it is ahead, when every node that
   * reads PostgreSQL goes by it. A repeat changes nothing.
   */
  moveTo(ms: number): Promise<number>;
  stop(): void;
}

export interface Moved {
  /** Unix time in ms, right after the move. */
  readonly nowMs: number;
  readonly aheadMs: number;
  /** The key had moved the time before. */
  readonly replayed?: boolean;
  /** The key was used for another move; the time is as it was. */
  readonly outcome?: { readonly $case: 'refusal'; readonly value: Refusal } | undefined;
}

/** Throws PostgreSQL's errors. `outage` gets what a later read throws; the last known offset stays in use. */
export async function openAdjustableClock(pool: pg.Pool, real: Clock, outage: Outage): Promise<AdjustableClock> {
  let aheadMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const take = ({ rows }: pg.QueryResult<{ ahead_ms: bigint }>): void => {
    aheadMs = Number(rows[0]?.ahead_ms ?? 0);
  };
  const read = async (): Promise<void> => take(await pool.query(READ));
  const look = async (): Promise<void> => {
    await read().then(outage.succeeded, outage.failed);
    if (!stopped) timer = setTimeout(() => void look(), POLL_MS).unref();
  };

  async function untilEveryNodeKnows(): Promise<void> {
    await read();
    await sleep(2 * POLL_MS);
  }

  await read();
  timer = setTimeout(() => void look(), POLL_MS).unref();
  return {
    now: () => real() + aheadMs,
    aheadMs: () => aheadMs,
    async advance(ms, commandKey) {
      const respond = (ahead: number): Moved => ({ nowMs: real() + ahead, aheadMs: ahead });
      const refused = (refusal: Refusal): Moved => ({ ...respond(aheadMs), ...toRefusalResponse(refusal) });
      const moved = await executeOnce(commandKey, { type: JSON_TYPE, respond, refused }, (idempotency) =>
        transactOnce(pool, idempotency, async (client) => {
          if (!(ms > 0)) throw new RangeError('time does not go back');
          return Number((await client.query(MOVE, [ms])).rows[0]?.ahead_ms);
        }),
      );
      await untilEveryNodeKnows();
      return moved;
    },
    async moveTo(ms) {
      const isKnown = aheadMs >= ms;
      await pool.query(MOVE_TO, [ms]);
      if (isKnown) await read();
      else await untilEveryNodeKnows();
      return aheadMs;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** The sandbox belongs to no context and no contract, so its state is stored as JSON. */
const JSON_TYPE = {
  encode: (moved: Moved) => ({ finish: () => Buffer.from(JSON.stringify(moved)) }),
  decode: (bytes: Uint8Array): Moved => JSON.parse(Buffer.from(bytes).toString()),
};
