import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { type PostgresProxy, postgresProxy } from '../../../test/support/postgres-proxy.ts';
import { type Batcher, createBatcher } from '../batching/batcher.ts';
import type { Failure } from '../batching/batcher-observer.ts';
import { Unavailable } from '../kernel/refusal.ts';
import {
  type BatchPlan,
  batchTransaction,
  classifyFailure,
  lookUpOutcome,
  OutcomeUnknown,
  RolledBack,
  type Statement,
} from './batch-transaction.ts';
import { type Database, openDatabase } from './database.ts';

let home: TestDatabase;
let direct: pg.Client;
let proxy: PostgresProxy;
let database: Database;

beforeEach(async () => {
  home = await testDatabase();
  direct = new pg.Client({ connectionString: home.url });
  await direct.connect();
  await direct.query('create table gate (id int primary key, total int not null)');
  await direct.query('create table entry (id int primary key, total int not null check (total > 0))');
  await direct.query('insert into gate values (1, 0)');
  proxy = await postgresProxy(home.url);
  database = openDatabase({ url: proxy.url, onError: () => {} });
});
afterEach(async () => {
  await database.close();
  await proxy.close();
  await direct.end();
  await home.drop();
});

const stored = async (): Promise<number[]> =>
  (await direct.query<{ id: number }>('select id from entry order by id')).rows.map((row) => row.id);
const lockGate: Statement = {
  name: 'lock',
  text: 'select total from gate where id = $1 for no key update',
  values: [1],
};
const BATCH_SESSIONS =
  "select pid from pg_stat_activity where application_name = 'stampede-lane' and datname = current_database()";
const killBatchSessions = () => direct.query(`select pg_terminate_backend(pid) from (${BATCH_SESSIONS}) s`);

interface Extra {
  readonly beforeWrites?: () => void;
  readonly failing?: Statement;
  readonly wasCommitted?: BatchPlan<number[]>['wasCommitted'];
}

/** Adds each id as an entry with the running total, as a batch would. */
function plan(ids: readonly number[], { beforeWrites, failing, wasCommitted }: Extra = {}): BatchPlan<number[]> {
  return {
    load: [lockGate],
    decide: ([gate]) => {
      beforeWrites?.();
      const before = Number(gate?.rows[0].total);
      const totals = ids.map((_, index) => before + index + 1);
      return {
        writes: [
          { name: 'add', text: 'insert into entry select * from unnest($1::int[], $2::int[])', values: [ids, totals] },
          { name: 'total', text: 'update gate set total = $1 where id = 1', values: [before + ids.length] },
          ...(failing ? [failing] : []),
        ],
        result: totals,
      };
    },
    wasCommitted:
      wasCommitted ??
      (async (client) => {
        await client.query('select 1 from gate where id = 1 for no key update');
        return (await client.query('select 1 from entry where id = $1', [ids[0]])).rowCount === 1;
      }),
  };
}

/** The pool for batches, with the errors of one statement swallowed. */
function poolWithoutErrorsOf(name: string): pg.Pool {
  const connect = async () => {
    const client = await database.batchPool.connect();
    const query = client.query.bind(client) as (statement: unknown) => Promise<unknown>;
    const hearing = async (statement: { name?: string }) => {
      const answer = query(statement);
      return statement.name === name ? answer.catch(() => ({ rows: [], command: 'SELECT' })) : answer;
    };
    return Object.assign(client, { query: hearing });
  };
  return { connect } as unknown as pg.Pool;
}

const failureOf = (ids: readonly number[], extra?: Extra): Promise<unknown> =>
  batchTransaction(database, plan(ids, extra)).then(
    () => expect.fail('it was acknowledged'),
    (error: unknown) => error,
  );

describe('a batch transaction', () => {
  it('a batch transaction stores the batch and returns the decision on the locked rows', async () => {
    expect(await batchTransaction(database, plan([1, 2]))).toEqual([1, 2]);
    expect(await batchTransaction(database, plan([3]))).toEqual([3]);
    expect(await stored()).toEqual([1, 2, 3]);
  });

  it('a batch transaction decides each of many concurrent batches on what the previous one committed', async () => {
    const batches = Array.from({ length: 40 }, (_, index) => [index * 2, index * 2 + 1]);
    const totals = await Promise.all(batches.map((ids) => batchTransaction(database, plan(ids))));
    expect(totals.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
  });

  it('a batch transaction stores nothing when one write fails, and the failure is poison', async () => {
    await batchTransaction(database, plan([7]));
    const error = await failureOf([8, 7]);
    expect(error).toMatchObject({ code: '23505' });
    expect(classifyFailure(error)).toBe('poison');
    expect(await stored()).toEqual([7]);
    expect(await batchTransaction(database, plan([8]))).toEqual([2]);
  });

  it('a batch transaction rejects with RolledBack when COMMIT returns the tag ROLLBACK', async () => {
    const failing = { name: 'division', text: 'select 1 / $1::int', values: [0] };
    // A driver that loses an error: only the tag of COMMIT still shows that nothing is stored.
    const withoutErrors: Database = { ...database, batchPool: poolWithoutErrorsOf('division') };
    const error = await batchTransaction(withoutErrors, plan([1], { failing })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RolledBack);
    expect(classifyFailure(error)).toBe('transient');
    expect(await stored()).toEqual([]);
  });

  it('a batch transaction finds its rows by index, also with a plan that was made when the table was empty', async () => {
    const text = `explain update entry set total = new.total from unnest($1::int[], $2::int[]) as new(id, total)
      where entry.id = new.id`;
    const ids = Array.from({ length: 100 }, (_, id) => id);
    const loaded: string[] = [];
    await batchTransaction(database, {
      load: [{ name: 'explained', text, values: [ids, ids] }],
      decide: ([explained]) => {
        loaded.push(...(explained?.rows ?? []).map((row) => String(row['QUERY PLAN'])));
        return { writes: [], result: undefined };
      },
      wasCommitted: async () => true,
    });
    const read = loaded.filter((line) => line.includes(' on entry')).map((line) => line.trim());
    expect(read).toEqual([
      expect.stringMatching(/^Update on entry/),
      expect.stringMatching(/^-> {2}Index Scan using entry_pkey/),
    ]);
  });

  it('a batch transaction throws what deciding throws, and releases the lock', async () => {
    const bug = new TypeError('a bug');
    const error = await failureOf([1], {
      beforeWrites: () => {
        throw bug;
      },
    });
    expect(error).toBe(bug);
    expect(classifyFailure(error)).toBe('poison');
    expect(await batchTransaction(database, plan([2]))).toEqual([1]);
  });
});

/** A batcher of ids; `attempts` are the batches it sent. */
function batcherOfIds(extra: (attempt: number) => Extra = () => ({})) {
  const attempts: number[][] = [];
  const failures: Failure[] = [];
  const batcher: Batcher<number, number> = createBatcher({
    name: 'test',
    classify: classifyFailure,
    execute: (ids) => {
      attempts.push([...ids]);
      return batchTransaction(database, plan(ids, extra(attempts.length)));
    },
    observer: () => ({ batch: () => {}, refused: () => {}, failed: (failure) => failures.push(failure) }),
  });
  return { batcher, attempts, failures };
}

const until = async (query: string): Promise<void> => {
  while ((await direct.query(query)).rowCount === 0) await new Promise((resume) => setTimeout(resume, 10));
};

it('a batch that fails at one command costs no connection of any pool, however often it is halved', async () => {
  await batchTransaction(database, plan([7]));
  await Promise.all([database.pool.query('select 1'), database.vital.query('select 1')]);
  const sessions = `select array_agg(pid order by pid) as pids, count(*)::int from pg_stat_activity
    where application_name like 'stampede%' and datname = current_database()`;
  const before = (await direct.query(sessions)).rows;
  expect(before[0].count).toBe(3);
  const { batcher, failures } = batcherOfIds();
  const answers = await Promise.allSettled([5, 6, 7, 8].map((id) => batcher.submit(id)));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(failures).toContain('poison');
  // One connection of each pool, as before: each batch waited for the one before it.
  await Promise.all([database.pool, database.vital, database.batchPool].map((each) => each.query('select 1')));
  expect((await direct.query(sessions)).rows).toEqual(before);
});

describe('a connection that breaks', () => {
  it('a connection that breaks while it waits for the lock is a transient failure, and the batcher retries the batch', async () => {
    const holder = new pg.Client({ connectionString: home.url });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from gate for update');
    const { batcher, attempts, failures } = batcherOfIds();
    const answer = batcher.submit(1);
    await until(`${BATCH_SESSIONS} and wait_event_type = 'Lock'`);
    await killBatchSessions();
    await until(`${BATCH_SESSIONS} and wait_event_type = 'Lock'`);
    await holder.query('rollback');
    await holder.end();
    expect(await answer).toBe(1);
    expect(await stored()).toEqual([1]);
    expect(failures).toEqual(['transient']);
    expect(attempts).toEqual([[1], [1]]);
  });

  it('a batch whose connection breaks while it writes is rolled back, and the batcher retries it', async () => {
    const slow = { name: 'slow', text: 'select pg_sleep($1)', values: [30] };
    const { batcher, failures } = batcherOfIds((attempt) => (attempt === 1 ? { failing: slow } : {}));
    const answers = Promise.all([batcher.submit(1), batcher.submit(2)]);
    await until(`${BATCH_SESSIONS} and wait_event = 'PgSleep'`);
    await killBatchSessions();
    expect(await answers).toEqual([1, 2]);
    expect(await stored()).toEqual([1, 2]);
    expect(failures).toEqual(['transient']);
  });

  it('a connection that breaks while it is idle is replaced, and no command fails', async () => {
    const { batcher } = batcherOfIds();
    expect(await batcher.submit(1)).toBe(1);
    await killBatchSessions();
    expect(await batcher.submit(2)).toBe(2);
    expect(await stored()).toEqual([1, 2]);
  });

  it('a batch of a process that froze between the round trips has lost its lock, and its decision is not stored', async () => {
    const freeze = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_400);
    const { batcher, attempts, failures } = batcherOfIds((attempt) => (attempt === 1 ? { beforeWrites: freeze } : {}));
    const answer = batcher.submit(1);
    expect(await answer).toBe(1);
    expect(await stored()).toEqual([1]);
    expect(attempts).toHaveLength(2);
    expect(failures).toEqual(['transient']);
  });
});

it('a batch is decided at the time of the database after its locks, whatever the node estimates', async () => {
  const seen: number[] = [];
  const observed: [databaseMs: number, sentMs: number][] = [];
  const time = {
    estimate: () => 42,
    presentAt: (databaseMs: number) => databaseMs + 1_000_000,
    observe: (databaseMs: number, sentMs: number) => void observed.push([databaseMs, sentMs]),
  };
  const wrong = openDatabase({ url: proxy.url, onError: () => {}, time });
  const waits = { name: 'waits', text: 'select pg_sleep(0.3)', values: [] };
  const beganMs = Date.now();
  await batchTransaction(wrong, {
    load: [waits],
    decide: (loaded, nowMs) => {
      seen.push(loaded.length, nowMs - 1_000_000);
      return { writes: [], result: undefined };
    },
    wasCommitted: async () => true,
  });
  await wrong.close();
  const [loads, nowMs = 0] = seen;
  expect(loads).toBe(1);
  expect(nowMs).toBeGreaterThanOrEqual(beganMs + 300);
  expect(nowMs).toBeLessThanOrEqual(Date.now() + 1);
  expect(observed).toEqual([[nowMs, 42]]);
});

describe('a COMMIT without a response', () => {
  it('a COMMIT without a response is acknowledged when PostgreSQL received it, and not retried', async () => {
    const { batcher, attempts, failures } = batcherOfIds();
    proxy.atNextCommit('answer lost');
    expect(await Promise.all([batcher.submit(1), batcher.submit(2)])).toEqual([1, 2]);
    expect(proxy.cuts()).toBe(1);
    expect(await stored()).toEqual([1, 2]);
    expect({ attempts: attempts.length, failures }).toEqual({ attempts: 1, failures: [] });
  });

  it('a COMMIT without a response is retried when PostgreSQL did not receive it', async () => {
    const { batcher, attempts, failures } = batcherOfIds();
    proxy.atNextCommit('request lost');
    expect(await Promise.all([batcher.submit(1), batcher.submit(2)])).toEqual([1, 2]);
    expect(proxy.cuts()).toBe(1);
    expect(await stored()).toEqual([1, 2]);
    expect({ attempts: attempts.length, failures }).toEqual({ attempts: 2, failures: ['transient'] });
  });

  it('a COMMIT without a response is looked up for a limited time, also while the statement of the look-up takes longer', async () => {
    const slow = async (client: pg.ClientBase) => (await client.query('select pg_sleep(8)')).rowCount === 1;
    await expect(lookUpOutcome(database, slow, 300)).rejects.toThrow('no answer within 300 ms');
    expect(await lookUpOutcome(database, async () => true, 3_000)).toBe(true);
  });

  it('a COMMIT without a response is looked up for a limited time, also while no connection is free', async () => {
    const { vital } = database;
    const held = await Promise.all(Array.from({ length: vital.options.max }, () => vital.connect()));
    const asked = vi.fn(async () => true);
    await expect(lookUpOutcome(database, asked, 100)).rejects.toThrow('no answer within 100 ms');
    for (const client of held) client.release();
    // The connection that came too late is free again, and the look-up did not run.
    const again = await Promise.all(held.map(() => vital.connect()));
    expect(asked).not.toHaveBeenCalled();
    for (const client of again) client.release();
  });

  it('a COMMIT without a response rejects with DEPENDENCY_UNAVAILABLE while PostgreSQL cannot be reached, and the batch is not retried', async () => {
    const { batcher, attempts, failures } = batcherOfIds();
    proxy.atNextCommit('answer lost', 'unreachable');
    const error = await batcher.submit(1).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Unavailable);
    expect(error).toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE', cause: expect.any(OutcomeUnknown) });
    expect({ attempts: attempts.length, failures }).toEqual({ attempts: 1, failures: ['unknown'] });
    expect(await stored()).toEqual([1]);
  });
});
