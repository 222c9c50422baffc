import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Unavailable } from '../kernel/refusal.ts';

const POLL_MS = 20;
const WAIT_MAX_MS = 30_000;

/** By snapshot, not by id: ids do not follow the order of commits. */
const SNAPSHOT = 'select pg_current_snapshot()::text as snapshot';
const IS_WAITING = `
  select exists (select from platform.outbox where pg_visible_in_snapshot(xid, $1::pg_snapshot)) as waiting`;

/**
 * Resolves when every event that was committed before the call has left the outbox: in process its consumers have handled it, with Kafka
 * the brokers have stored it.
 * @throws Unavailable when that takes longer than 30 s, for example because an event cannot be published
 */
export async function waitForOutbox(pool: Pick<pg.Pool, 'query'>, waitMaxMs = WAIT_MAX_MS): Promise<void> {
  const snapshot = (await pool.query<{ snapshot: string }>(SNAPSHOT)).rows[0]?.snapshot;
  const until = performance.now() + waitMaxMs;
  while ((await pool.query<{ waiting: boolean }>(IS_WAITING, [snapshot])).rows[0]?.waiting) {
    if (performance.now() > until) throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'events are still in the outbox');
    await sleep(POLL_MS);
  }
}
