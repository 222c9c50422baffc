import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Hosts } from './hosts.ts';
import { CONNECT_MS, Session, type SessionOptions, sessionConfig } from './session.ts';

const POLL_MS = 5;
/**
 * A session plans its prepared statements anew after this time. PostgreSQL keeps a plan until the table is analyzed again, at most once a minute, and a plan
 * that was made while its table was empty compares every row with every row that a batch names: 256 times a table that grows by thousands of rows a second.
 */
const PLANS_MS = 1_000;

export type PoolSettings = Pick<
  pg.PoolConfig,
  'max' | 'idleTimeoutMillis' | 'maxLifetimeSeconds' | 'idle_in_transaction_session_timeout' | 'types'
>;

/** A pool of sessions. `onError` gets the errors of connections that broke while idle, and of those that were given up. */
export function sessionPool(
  hosts: Hosts,
  session: SessionOptions,
  settings: PoolSettings,
  onError: (error: Error) => void,
): pg.Pool {
  const onLost: SessionOptions['onLost'] = (error) => {
    onError(error);
    session.onLost?.(error);
  };
  const config = { ...settings, ...sessionConfig(hosts, { ...session, onLost }), Client: Session };
  const pool = new pg.Pool(config as unknown as pg.PoolConfig);
  pool.on('error', onError);
  // By way of a pooler nothing is prepared.
  if (!session.pooled) discardOldPlans(pool);
  return pool;
}

/**
 * Discards the plans of a session that is acquired, at most once per PLANS_MS. Its failure is ignored: the caller's own statement fails too.
 */
function discardOldPlans(pool: pg.Pool): void {
  const discardedAtMs = new WeakMap<pg.PoolClient, number>();
  pool.on('acquire', (client) => {
    const nowMs = performance.now();
    const atMs = discardedAtMs.get(client);
    if (atMs !== undefined && nowMs - atMs < PLANS_MS) return;
    discardedAtMs.set(client, nowMs);
    if (atMs !== undefined) client.query('discard plans').catch(() => undefined);
  });
}

/** Closes the connections that are idle. */
export function closeIdle(pool: pg.Pool): void {
  if (pool.ending) return;
  for (let left = pool.idleCount; left > 0; left--) {
    pool.connect().then(
      (client) => client.release(true),
      () => undefined, // another caller took it, and no other could be opened
    );
  }
}

/**
 * Ends a pool once no statement waits for one of its connections, after 3 s at the latest. pg-pool serves those that wait no more once it ends: each
 * would reject only at its own limit of 3 s, and a stop would wait for that.
 */
export async function endPool(pool: pg.Pool): Promise<void> {
  const untilMs = performance.now() + CONNECT_MS;
  while (pool.waitingCount > 0 && performance.now() < untilMs) await sleep(POLL_MS);
  await pool.end();
}
