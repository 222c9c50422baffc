import type pg from 'pg';
import { CONFIRM } from './confirm.ts';
import type { Database } from './database.ts';
import { READ_TIME, timeIn } from './database-time.ts';
import { ConnectionLost, isServerError, RolledBack, toError } from './failures.ts';
import { settleLostCommit } from './lost-commit.ts';
import { type Session, socketOf } from './session.ts';

export { classifyFailure, OutcomeUnknown, RolledBack } from './failures.ts';

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

/** Whatever the server's default is: only in READ COMMITTED does a statement after the lock see what its last holder did. */
export const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';

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
    // A group that writes nothing answers by what others committed.
    const outcome = await secondFlight(client, writes.length === 0 ? [CONFIRM] : writes);
    if (outcome === 'committed') return result;
    broken = outcome;
    return await settleLostCommit(result, outcome, (forMs) =>
      askOnce(database, (asker) => plan.happened(asker, result), forMs),
    );
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

/**
 * Asks on another connection, in a transaction of its own, what became of one whose answer was lost.
 * @throws ConnectionLost when there is no answer within `forMs`, connecting included; what `ask` throws
 */
export async function askOnce(
  database: Database,
  ask: (client: pg.ClientBase) => Promise<boolean>,
  forMs: number,
): Promise<boolean> {
  const untilMs = performance.now() + forMs;
  const late = new ConnectionLost(`no answer within ${Math.round(forMs)} ms`);
  const client = await connectWithin(database.vital, forMs, late);
  const timer = setTimeout(() => (client as unknown as Session).giveUp(late), untilMs - performance.now());
  let broken: Error | undefined;
  try {
    await client.query(BEGIN);
    const happened = await ask(client);
    if (happened) await send(client, CONFIRM);
    await client.query('COMMIT');
    return happened;
  } catch (error) {
    broken = toError(error);
    throw error;
  } finally {
    clearTimeout(timer);
    client.release(broken);
  }
}

/** Rejects with `late` after `forMs`. A connection that is there only then goes back to the pool. */
async function connectWithin(pool: pg.Pool, forMs: number, late: Error): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<'late'>((resume) => {
    timer = setTimeout(() => resume('late'), forMs);
  });
  try {
    const client = await Promise.race([connecting, limit]);
    if (client !== 'late') return client;
  } finally {
    clearTimeout(timer);
  }
  connecting.then(
    (client) => client.release(),
    () => undefined,
  );
  throw late;
}

const send = (client: pg.ClientBase, { name, text, values }: Statement) =>
  client.query({ name, text, values: values as unknown[] });

/** Holds the socket back so that the statements leave in one packet. */
function inOneWrite<T>(client: pg.ClientBase, write: () => T): T {
  const stream = socketOf(client);
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
