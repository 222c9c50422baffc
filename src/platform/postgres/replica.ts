import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { isServerError, toError } from './failures.ts';
import type { Reader } from './reader.ts';

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

/** Who served a read: the replica, the primary because no fresh replica was there, or the primary after the replica had failed. */
export type ServedBy = 'replica' | 'primary' | 'repeated';

export interface ReplicaOptions {
  readonly primary: Reader;
  /** Of the primary, too, for the beats. */
  readonly vital: Reader;
  readonly replica: Reader;
  /** Of the replica, for the checks: its statements end within a second, and wait for no connection. */
  readonly probe: Reader;
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
  /** Waits until the replica has what was committed before the call. Returns false when it does not in time, or is not used. */
  catchesUp(): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * Measures a replica by beats: once a second this process writes a number into a row of its own on the primary, and reads the row on the
 * replica. The number is this process's monotonic time before it was sent. A replica that shows it has all that was committed before that
 * moment, whatever the clocks of the machines say. One that was promoted, follows another primary or was restored shows no new beats, and
 * is passed by after 5 s like one that is behind (ADR 62).
 *
 * A read that fails on the replica is repeated once on the primary, whatever the failure: a recovery conflict, a lost connection, a table
 * that a migration created a moment ago.
 */
export function openReplica(options: ReplicaOptions): Replica {
  const { primary, vital, replica, probe, monotonic = () => performance.now(), onChange } = options;
  const reader = randomUUID();
  const stopping = new AbortController();
  const served: Record<ServedBy, number> = { replica: 0, primary: 0, repeated: 0 };
  /** The newest beat that the replica has shown. */
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

  /** Returns whether the replica showed a beat of `sentMs` or later in time. */
  async function isShown(sentMs: number): Promise<boolean> {
    for (const untilMs = monotonic() + SHOWN_WITHIN_MS; ; await sleep(POLL_MS)) {
      const { rows } = await onReplica(() => probe.query<{ sent_ms: number }>(SHOWN, [reader]));
      lost = undefined;
      shownMs = Math.max(shownMs, rows[0]?.sent_ms ?? shownMs);
      if (shownMs >= sentMs) return true;
      if (monotonic() > untilMs || stopping.signal.aborted) return false;
    }
  }

  const catchesUp = async (): Promise<boolean> => {
    try {
      return isUsed() && (await isShown(await beat()));
    } catch {
      return false; // the caller reads from the primary
    }
  };

  async function check(): Promise<void> {
    let cause: Error | undefined;
    try {
      await isShown(await beat());
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

  const readerWhen = (isFit: () => boolean | Promise<boolean>): Reader => ({
    query: (async (...query: Parameters<pg.Pool['query']>) => {
      const isRead = await isFit();
      if (isRead) {
        try {
          const result = await onReplica(() => replica.query(...query) as unknown as Promise<pg.QueryResult>);
          served.replica += 1;
          return result;
        } catch {
          // The primary's result or error counts.
        }
      }
      served[isRead ? 'repeated' : 'primary'] += 1;
      return await primary.query(...query);
    }) as pg.Pool['query'],
  });

  const checking = keepChecking();
  return {
    recent: readerWhen(isUsed),
    complete: readerWhen(catchesUp),
    behindMs,
    served,
    catchesUp,
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
