import type { Socket } from 'node:net';
import type pg from 'pg';
import type { Failure } from '../batching/lane-observer.ts';
import { Unavailable } from '../kernel/refusal.ts';
import type { Database } from './database.ts';
import { READ_TIME, timeIn } from './database-time.ts';

/** A prepared statement: `name` lets PostgreSQL parse and plan it once a connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface Plan<Result> {
  /** Locks first; what depends on the locked rows in statements of its own, or it sees the snapshot from before the lock. */
  readonly load: readonly Statement[];
  /** Pure: from what was loaded to what is written. `nowMs`: the database's time after the locks; see DatabaseTime. */
  readonly decide: (
    loaded: readonly pg.QueryResult[],
    nowMs: number,
  ) => {
    readonly writes: readonly Statement[];
    readonly result: Result;
  };
  /**
   * Asked when the connection broke at COMMIT: did it happen? Has to wait for the lost session to be gone (take the same
   * lock) and then look for something that only this group wrote.
   */
  readonly happened: (client: pg.ClientBase, result: Result) => Promise<boolean>;
}

/** The connection broke at COMMIT and PostgreSQL did not come back in time to say what happened. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** The transaction is known to be rolled back, for no fault of its commands. */
export class RolledBack extends Error {
  override readonly name = 'RolledBack';
}

/** Whatever the server's default is: only in READ COMMITTED does a statement after the lock see what its last holder did. */
export const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';

const ASK_FOR_MS = 3_000;
const ASK_EVERY_MS = 100;

/**
 * One group, two flights: [BEGIN, load…, time] and [writes…, COMMIT]. Answers the result only when the command tag of COMMIT was
 * COMMIT: a failed transaction answers ROLLBACK there, and no error.
 */
export async function groupTransaction<Result>(database: Database, plan: Plan<Result>): Promise<Result> {
  const client = await database.lanes.connect();
  let broken: Error | undefined;
  try {
    const sentMs = database.time.estimate();
    const { loaded, databaseMs } = await firstFlight(client, plan.load);
    database.time.observe(databaseMs, sentMs);
    const { writes, result } = plan.decide(loaded, database.time.presentAt(databaseMs));
    const outcome = await secondFlight(client, writes);
    if (outcome === 'committed') return result;
    broken = outcome;
    if (await askWhatHappened(database, (asker) => plan.happened(asker, result))) return result;
    throw new RolledBack('the connection broke at COMMIT, and the group is not there', { cause: outcome });
  } catch (error) {
    broken ??= isServerError(error) ? undefined : toError(error);
    if (!broken)
      await client.query('ROLLBACK').catch((failure: unknown) => {
        broken = toError(failure);
      });
    throw error;
  } finally {
    client.release(broken);
  }
}

async function firstFlight(client: pg.ClientBase, load: readonly Statement[]) {
  const answers = inOneWrite(client, () => [
    client.query(BEGIN),
    ...[...load, READ_TIME].map((statement) => send(client, statement)),
  ]);
  const loaded = valuesOf(await Promise.allSettled(answers)).slice(1);
  return { databaseMs: timeIn(loaded.pop()), loaded };
}

/** 'committed', or the error of a connection that broke so that nobody knows. Throws what PostgreSQL itself refused. */
async function secondFlight(client: pg.ClientBase, writes: readonly Statement[]): Promise<'committed' | Error> {
  const answers = inOneWrite(client, () => [
    ...writes.map((statement) => send(client, statement)),
    client.query('COMMIT'),
  ]);
  const settled = await Promise.allSettled(answers);
  const refused = settled.find((answer) => answer.status === 'rejected' && isServerError(answer.reason));
  if (refused?.status === 'rejected') throw refused.reason;
  const commit = settled.at(-1);
  if (commit?.status !== 'fulfilled') return toError(commit?.reason);
  if (commit.value.command !== 'COMMIT') throw new RolledBack(`COMMIT answered ${commit.value.command}`);
  return 'committed';
}

async function askWhatHappened(database: Database, ask: (client: pg.ClientBase) => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + ASK_FOR_MS;
  for (;;) {
    try {
      const client = await database.vital.connect();
      try {
        await client.query(BEGIN);
        const happened = await ask(client);
        await client.query('COMMIT');
        client.release();
        return happened;
      } catch (error) {
        client.release(toError(error));
        throw error;
      }
    } catch (error) {
      if (performance.now() > until)
        throw new OutcomeUnknown('PostgreSQL did not say what became of a COMMIT', { cause: error });
      await new Promise((resume) => setTimeout(resume, ASK_EVERY_MS));
    }
  }
}

const send = (client: pg.ClientBase, { name, text, values }: Statement) =>
  client.query({ name, text, values: values as unknown[] });

/** Holds the socket back so that the statements leave in one packet. */
function inOneWrite<T>(client: pg.ClientBase, write: () => T): T {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.cork();
  try {
    return write();
  } finally {
    stream.uncork();
  }
}

function valuesOf(settled: readonly PromiseSettledResult<pg.QueryResult>[]): pg.QueryResult[] {
  return settled.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}

/** Did PostgreSQL itself say it, on a connection that goes on? FATAL ends the session, and with it what we know. */
function isServerError(error: unknown): error is pg.DatabaseError {
  if (!(error instanceof Error) || !('severity' in error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return error.severity !== 'FATAL' && error.severity !== 'PANIC' && !ENDS_SESSION.test(code);
}

// The word FATAL is translated to lc_messages; codes are not. 08 connection, 25P03 and 25P04 timeouts of a transaction,
// 28 and 3D000 login, 53300 too many connections, 57P01 to 57P05 shutdown, crash, not ready, database dropped, idle.
const ENDS_SESSION = /^(08|25P0[34]|28|3D000|53300|57P0[1-5])/;

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));

// serialization_failure, deadlock_detected, lock_not_available, query_canceled (statement_timeout)
const PASSING = new Set(['40001', '40P01', '55P03', '57014']);

/** How a lane treats what `groupTransaction` threw. */
export function classifyFailure(error: unknown): Failure {
  if (error instanceof OutcomeUnknown) return 'unknown';
  if (error instanceof RolledBack || error instanceof Unavailable) return 'transient';
  if (isServerError(error)) {
    const code = error.code ?? '';
    // 53 out of resources, 57P operator intervention
    return PASSING.has(code) || /^(53|57P)/.test(code) ? 'transient' : 'poison';
  }
  // A FATAL, or no answer at all before COMMIT was sent: the session is gone, and its transaction with it.
  return isConnectionLoss(error) ? 'transient' : 'poison';
}

function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('severity' in error) return true;
  const code = 'code' in error ? String(error.code) : '';
  return (
    /^E[A-Z]+$/.test(code) ||
    /connection|timeout exceeded|terminated|not queryable|client was closed/i.test(error.message)
  );
}
