import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { isServerError, toError } from './failures.ts';
import type { Reader } from './reader.ts';
import { Session } from './session.ts';

/** A replica that is further behind the primary than this serves no reads. */
const BEHIND_MAX_MS = 5_000;
const CHECK_EVERY_MS = 1_000;
/** How long a check, or an export, waits for the replica to show a beat that the primary has committed. */
const SHOWN_WITHIN_MS = 1_000;
const POLL_MS = 20;

// Confirmed by the primary's own disk: a standby that is away, which may be the replica, must not keep it waiting.
const BEAT = `
  insert into platform.replica_beats as known (reader, sent_ms) select $1::uuid, $2::float8
  where set_config('synchronous_commit', 'local', true) = 'local'
  on conflict (reader) do update set sent_ms = greatest(known.sent_ms, excluded.sent_ms), at = excluded.at`;
const SHOWN = 'select sent_ms from platform.replica_beats where reader = $1';
const FORGET = 'delete from platform.replica_beats where reader = $1';

/**
 * Waits until `session`, a connection to a replica, shows what was committed on the primary before the call. Returns false when it does not
 * within `withinMs`.
 */
export async function showsAll(primary: Reader, session: Reader, withinMs: number): Promise<boolean> {
  const reader = randomUUID();
  const waiting = new AbortController();
  const look = async (): Promise<boolean> => {
    while (!waiting.signal.aborted) {
      if ((await session.query(SHOWN, [reader])).rowCount === 1) return true;
      await sleep(POLL_MS);
    }
    return false;
  };
  await primary.query(BEAT, [reader, 0]);
  const looking = look();
  try {
    return await Promise.race([looking, sleep(withinMs, false, { ref: false })]);
  } finally {
    waiting.abort();
    looking.catch(() => undefined); // of a server that does not respond, once its session is closed
    await primary.query(FORGET, [reader]);
  }
}

/** Who served a read: the replica, the primary because no fresh replica was there, or the primary after the replica had failed. */
export type ServedBy = 'replica' | 'primary' | 'repeated';

/** A pool. Each of its sessions may lead to another server: a name, a balancer and a list of hosts lead to several. */
type Sessions = Pick<pg.Pool, 'connect'>;

export interface ReplicaOptions {
  readonly primary: Reader;
  /** Of the primary, too, for the beats. */
  readonly vital: Reader;
  readonly replica: Sessions;
  /** Of the replica, for the checks: its statements end within a second, and wait for no read. */
  readonly probe: Sessions;
  /** A monotonic clock in ms. Default performance.now. */
  readonly monotonic?: () => number;
  /** Called when the replica begins or ceases to be used, with the error that ended it, if any. */
  readonly onChange: (isUsed: boolean, cause: Error | undefined) => void;
}

/** A read replica, with the primary in its place while it is away or too far behind. */
export interface Replica {
  /** Rows may be up to 5 s old. */
  readonly recent: Reader;
  /** Rows contain everything that was committed before the query. */
  readonly complete: Reader;
  /** How far behind the primary the replica is at most, in ms: the time since a moment whose commits it has shown. */
  behindMs(): number;
  /** How many reads were served, by whom. */
  readonly served: Readonly<Record<ServedBy, number>>;
  /** Rejects while the replica is not used. */
  assertUsed(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Measures a replica by beats: once a second this process writes a number into a row of its own on the primary, and reads the row on the
 * replica. The number is this process's monotonic time before it was sent. A replica that shows it has all that was committed before that
 * moment, whatever the clocks of the machines say. One that was promoted, follows another primary or was restored shows no new beats, and
 * is passed by after 5 s like one that is behind (ADR 62).
 *
 * Each session proves itself before it reads, because sessions of one pool may lead to different servers. The check of each second decides
 * whether sessions are tried at all.
 *
 * A read that fails on the replica is repeated once on the primary, whatever the failure: a recovery conflict, a lost connection, a table
 * that a migration created a moment ago.
 */
export function openReplica(options: ReplicaOptions): Replica {
  const { primary, vital, replica, probe, monotonic = () => performance.now(), onChange } = options;
  const reader = randomUUID();
  const stopping = new AbortController();
  const served: Record<ServedBy, number> = { replica: 0, primary: 0, repeated: 0 };
  /** The newest beat that each session has read. A session stays on one server, which never goes back. */
  const shownBy = new WeakMap<pg.PoolClient, number>();
  /** That of the last check. */
  let shownMs = Number.NEGATIVE_INFINITY;
  /** Why the last statement on the replica had no response. */
  let lost: Error | undefined;
  let wasUsed = false;

  const behindMs = (): number => monotonic() - shownMs;
  const isUsed = (): boolean => lost === undefined && behindMs() < BEHIND_MAX_MS;

  async function onReplica<Result>(query: () => Promise<Result>): Promise<Result> {
    try {
      return await query();
    } catch (error) {
      if (!isServerError(error)) lost = toError(error);
      throw error;
    }
  }

  async function beat(): Promise<number> {
    const sentMs = monotonic();
    await vital.query(BEAT, [reader, sentMs]);
    return sentMs;
  }

  /** Returns whether the server of this session shows a beat of `sinceMs` or later in time. */
  async function isShown(session: pg.PoolClient, sinceMs: number, withinMs: number): Promise<boolean> {
    for (const untilMs = monotonic() + withinMs; ; await sleep(POLL_MS)) {
      if ((shownBy.get(session) ?? Number.NEGATIVE_INFINITY) >= sinceMs) return true;
      const { rows } = await session.query<{ sent_ms: number }>(SHOWN, [reader]);
      const sentMs = rows[0]?.sent_ms ?? Number.NEGATIVE_INFINITY;
      shownBy.set(session, sentMs);
      if (sentMs >= sinceMs) return true;
      if (monotonic() >= untilMs || stopping.signal.aborted) return false;
    }
  }

  /** Runs `read` on a session that has proved itself. Returns undefined when its server shows no such beat within `withinMs`. */
  const onProven = <Result>(
    sessions: Sessions,
    sinceMs: number,
    withinMs: number,
    read: (session: pg.PoolClient) => Promise<Result>,
  ): Promise<Result | undefined> =>
    onReplica(async () => {
      const session = await sessions.connect();
      try {
        const isProven = await isShown(session, sinceMs, withinMs);
        if (sessions === probe) {
          lost = undefined;
          shownMs = shownBy.get(session) ?? shownMs;
        }
        const result = isProven ? await read(session) : undefined;
        session.release(!isProven && isTooFarBehind(session));
        return result;
      } catch (error) {
        session.release(toError(error));
        throw error;
      }
    });

  /** Of a session that has just failed its proof: the next one goes to another server, where there is one. */
  function isTooFarBehind(session: pg.PoolClient): boolean {
    const isBehind = monotonic() - (shownBy.get(session) ?? Number.NEGATIVE_INFINITY) >= BEHIND_MAX_MS;
    if (isBehind && session instanceof Session) session.passBy();
    return isBehind;
  }

  async function check(): Promise<void> {
    let cause: Error | undefined;
    try {
      await onProven(probe, await beat(), SHOWN_WITHIN_MS, async () => undefined);
    } catch (error) {
      cause = toError(error);
    }
    if (wasUsed === isUsed()) return;
    wasUsed = isUsed();
    onChange(wasUsed, cause);
  }

  async function keepChecking(): Promise<void> {
    while (!stopping.signal.aborted) {
      await check();
      await sleep(CHECK_EVERY_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  }

  /** `since` returns the time of the beat that a session has to show, within `withinMs`. */
  const readerOf = (since: () => number | Promise<number>, withinMs: number): Reader => ({
    query: (async (...query: Parameters<pg.Pool['query']>) => {
      const read = (session: pg.PoolClient) => session.query(...query) as unknown as Promise<pg.QueryResult>;
      let servedBy: ServedBy = 'primary';
      if (isUsed()) {
        try {
          const sinceMs = await since();
          servedBy = 'repeated';
          const result = await onProven(replica, sinceMs, withinMs, read);
          if (result !== undefined) {
            served.replica += 1;
            return result;
          }
          servedBy = 'primary';
        } catch {
          // The primary's result or error counts.
        }
      }
      served[servedBy] += 1;
      return await primary.query(...query);
    }) as pg.Pool['query'],
  });

  const checking = keepChecking();
  return {
    recent: readerOf(() => monotonic() - BEHIND_MAX_MS, 0),
    complete: readerOf(beat, SHOWN_WITHIN_MS),
    behindMs,
    served,
    async assertUsed() {
      if (!isUsed()) throw new Error('the replica is away or too far behind', { cause: lost });
    },
    async stop() {
      stopping.abort();
      await checking;
      await vital.query(FORGET, [reader]).catch(() => undefined); // else the sweep removes it
    },
  };
}
