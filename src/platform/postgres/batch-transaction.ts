import type pg from 'pg';
import { withTimeout } from '../kernel/timeout.ts';
import { CONFIRM } from './confirm.ts';
import type { Database } from './database.ts';
import { READ_TIME, timeIn } from './database-time.ts';
import { ConnectionLost, isServerError, RolledBack, toError } from './failures.ts';
import { settleLostCommit } from './lost-commit.ts';
import { type Session, socketOf } from './session.ts';
import type { Statement } from './statement.ts';

export { classifyFailure, OutcomeUnknown, RolledBack } from './failures.ts';
export type { Statement } from './statement.ts';

export interface BatchPlan<Result> {
  /** Locks come first. What depends on locked rows needs a statement of its own: one that locks sees the snapshot from before the lock. */
  readonly load: readonly Statement[];
  /** A pure function from the loaded rows to the writes. `nowMs`: the database's time after the locks; see DatabaseTime. */
  readonly decide: (
    loaded: readonly pg.QueryResult[],
    nowMs: number,
  ) => {
    readonly writes: readonly Statement[];
    readonly result: Result;
  };
  /**
   * Called when the connection broke at COMMIT. Returns whether the transaction was committed. It must wait until the lost session
   * has ended, by taking the same lock, and then look for a row that only this batch wrote.
   */
  readonly wasCommitted: (client: pg.ClientBase, result: Result) => Promise<boolean>;
}

/** Explicit, whatever the server's default is: only in READ COMMITTED does a statement after the lock see what its last holder wrote. */
export const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';

/**
 * Executes one batch in two round trips: [BEGIN, load…, time] and [writes…, COMMIT]. Returns the result only when the command tag of
 * COMMIT was COMMIT: for a failed transaction PostgreSQL returns the tag ROLLBACK, and no error.
 */
export async function batchTransaction<Result>(database: Database, plan: BatchPlan<Result>): Promise<Result> {
  const client = await database.batchPool.connect();
  let broken: Error | undefined;
  try {
    const sentMs = database.time.estimate();
    const { loaded, databaseMs } = await loadRoundTrip(client, plan.load);
    database.time.observe(databaseMs, sentMs);
    const { writes, result } = plan.decide(loaded, database.time.presentAt(databaseMs));
    // The result of a batch that writes nothing rests on what others committed: those commits must be on the standbys.
    const outcome = await writeRoundTrip(client, writes.length === 0 ? [CONFIRM] : writes);
    if (outcome === 'committed') return result;
    broken = outcome;
    return await settleLostCommit(result, outcome, (forMs) =>
      lookUpOutcome(database, (lookUpClient) => plan.wasCommitted(lookUpClient, result), forMs),
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

async function loadRoundTrip(client: pg.ClientBase, load: readonly Statement[]) {
  const responses = inOneWrite(client, () => [
    client.query(BEGIN),
    ...[...load, READ_TIME].map((statement) => send(client, statement)),
  ]);
  const loaded = valuesOf(await Promise.allSettled(responses)).slice(1);
  return { databaseMs: timeIn(loaded.pop()), loaded };
}

/** Returns 'committed', or the error of the connection that broke, so that the outcome is unknown. Throws PostgreSQL's refusals. */
async function writeRoundTrip(client: pg.ClientBase, writes: readonly Statement[]): Promise<'committed' | Error> {
  const responses = inOneWrite(client, () => [
    ...writes.map((statement) => send(client, statement)),
    client.query('COMMIT'),
  ]);
  const settled = await Promise.allSettled(responses);
  const refused = settled.find((response) => response.status === 'rejected' && isServerError(response.reason));
  if (refused?.status === 'rejected') throw refused.reason;
  const commit = settled.at(-1);
  if (commit?.status !== 'fulfilled') return toError(commit?.reason);
  if (commit.value.command !== 'COMMIT') throw new RolledBack(`COMMIT returned the tag ${commit.value.command}`);
  return 'committed';
}

/**
 * Runs `lookUp` on another connection, in a transaction of its own, to find the outcome of a transaction whose response was lost.
 * @throws ConnectionLost when `lookUp` has not returned within `forMs`, connecting included; what `lookUp` throws
 */
export async function lookUpOutcome(
  database: Database,
  lookUp: (client: pg.ClientBase) => Promise<boolean>,
  forMs: number,
): Promise<boolean> {
  const untilMs = performance.now() + forMs;
  const late = new ConnectionLost(`no answer within ${Math.round(forMs)} ms`);
  const client = await connectWithin(database.vital, forMs, late);
  const timer = setTimeout(() => (client as unknown as Session).giveUp(late), untilMs - performance.now());
  let broken: Error | undefined;
  try {
    await client.query(BEGIN);
    const wasCommitted = await lookUp(client);
    if (wasCommitted) await send(client, CONFIRM);
    await client.query('COMMIT');
    return wasCommitted;
  } catch (error) {
    broken = toError(error);
    throw error;
  } finally {
    clearTimeout(timer);
    client.release(broken);
  }
}

/** Rejects with `late` after `forMs`. A connection that is opened after that goes back to the pool. */
async function connectWithin(pool: pg.Pool, forMs: number, late: Error): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  try {
    return await withTimeout(connecting, forMs, () => late);
  } catch (error) {
    if (error === late)
      connecting.then(
        (client) => client.release(),
        () => undefined,
      );
    throw error;
  }
}

const send = (client: pg.ClientBase, { name, text, values }: Statement) =>
  client.query({ name, text, values: values as unknown[] });

/** Corks the socket, so that all statements are sent in one packet. */
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
  return settled.map((response) => {
    if (response.status === 'rejected') throw response.reason;
    return response.value;
  });
}
