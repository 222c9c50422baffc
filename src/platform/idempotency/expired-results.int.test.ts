import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { type CommandKey, KeyInUse, Replay } from '../kernel/command-key.ts';
import { batchTransaction } from '../postgres/batch-transaction.ts';
import { type Database, openDatabase } from '../postgres/database.ts';
import { startSweep, sweepExpired } from '../postgres/sweep.ts';
import { findReplays, isStored } from './command-results.ts';
import { keyedBatch } from './keyed-batch.ts';
import { transactOnce } from './transact-once.ts';

let home: TestDatabase;
let database: Database;
let owner: pg.Pool;
beforeAll(async () => {
  home = await testDatabase();
  owner = new pg.Pool({ connectionString: home.url });
  // Dropping the database may end a connection that is still closing.
  owner.on('error', () => {});
  // Two connections: with one taken, a single transaction that waits would keep all others out.
  database = openDatabase({ url: home.programUrl, poolMax: 2, onError: () => {} });
});
afterAll(async () => {
  await database.close();
  await owner.end();
  await home.drop();
});
beforeEach(() => owner.query('truncate platform.command_results'));

const commandKey: CommandKey = { scope: 'scope', key: 'key', requestHash: Buffer.from('hash') };
const idempotencyOf = (result: string, key = commandKey) => ({ commandKey: key, resultOf: () => Buffer.from(result) });
/** Each returns its own name unless the key is known. */
const ways = {
  'a transaction': (result: string) => transactOnce<string>(database.pool, idempotencyOf(result), async () => result),
  'a batch': (result: string) => {
    const idempotency = idempotencyOf(result);
    const batch = keyedBatch<string, { idempotency: typeof idempotency }>([{ idempotency }]);
    return batchTransaction(database, {
      load: batch.reads,
      decide(loaded) {
        const { fresh, merge } = batch.split(loaded);
        const { outcomes, writes } = merge(fresh.map(() => result));
        return { writes, result: outcomes[0] };
      },
      wasCommitted: () => Promise.resolve(true),
    });
  },
};
const shown = (outcome: string | Replay | undefined) =>
  outcome instanceof Replay ? `replay of ${Buffer.from(outcome.result ?? []).toString()}` : outcome;
/** Moves the end of a key's life: by the database's clock, which is the one that counts. */
const endsIn = (interval: string) =>
  owner.query('update platform.command_results set expires_at = now() + $1::interval', [interval]);
const keptKeys = async () =>
  (await owner.query('select key from platform.command_results order by key')).rows.map(({ key }) => key);

describe.each(Object.entries(ways))('a key in %s', (_, once) => {
  it('a key returns its result until the last second of its 24 hours', async () => {
    await once('first');
    const { rows } = await owner.query(
      `select expires_at - now() between interval '23:59' and interval '24:00' as "isDay" from platform.command_results`,
    );
    await endsIn('1 minute');
    expect([rows, shown(await once('second'))]).toEqual([[{ isDay: true }], 'replay of first']);
  });

  it('a key is new after its 24 hours, before it is deleted', async () => {
    await once('first');
    await endsIn('-1 millisecond');
    expect([shown(await once('second')), shown(await once('third'))]).toEqual(['second', 'replay of second']);
  });

  it('an expired key has one effect for two concurrent requests', async () => {
    await once('first');
    await endsIn('-1 millisecond');
    const outcomes = await Promise.allSettled([once('second'), once('third')]);
    const effects = outcomes.filter((each) => each.status === 'fulfilled' && typeof each.value === 'string');
    expect(effects.length).toBe(1);
  });
});

it('an expired result is not returned by a look-up and does not prove a COMMIT', async () => {
  await ways['a transaction']('first');
  const result = { commandKey, result: Buffer.from('first') };
  const client = await database.pool.connect();
  try {
    const before = [(await findReplays(client, [commandKey]))[0] instanceof Replay, await isStored(client, result)];
    await endsIn('-1 millisecond');
    const after = [(await findReplays(client, [commandKey]))[0] instanceof Replay, await isStored(client, result)];
    expect([before, after]).toEqual([
      [true, true],
      [false, false],
    ]);
  } finally {
    client.release();
  }
});

it('a transaction whose key is in use is refused at once, and keeps no connection of the pool', async () => {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = transactOnce<string>(database.pool, idempotencyOf('first'), async () => {
    begun.resolve();
    await ended.promise;
    return 'first';
  });
  await begun.promise;
  try {
    const repeats = Array.from({ length: 10 }, () => ways['a transaction']('second').catch((error: unknown) => error));
    // The pool has two connections, and the first transaction has one.
    expect((await Promise.all(repeats)).map((error) => error instanceof KeyInUse)).toEqual(Array(10).fill(true));
  } finally {
    ended.resolve();
  }
  expect([await first, shown(await ways['a transaction']('second'))]).toEqual(['first', 'replay of first']);
});

describe('the deletion of expired keys', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  const keep = (from: number, to: number, expires: string) =>
    owner.query(
      `insert into platform.command_results (scope, key, request_hash, result, expires_at)
       select 'scope', lpad(n::text, 5, '0'), '', '', now() + $3::interval from generate_series($1::int, $2::int) as n`,
      [from, to, expires],
    );

  it('the sweep deletes all expired keys in several batches, and no other key', async () => {
    await keep(1, 2_500, '-1 second');
    await keep(2_501, 2_502, '1 hour');
    await sweepExpired(database.pool);
    expect(await keptKeys()).toEqual(['02501', '02502']);
  });

  it('the sweep deletes counters of limits an hour after their window, and logins that are not known any more', async () => {
    await owner.query(`insert into platform.rate_limits (key, points, expire)
      select key, 1, (extract(epoch from now()) + seconds) * 1000
      from (values ('over', -3700), ('recent', -3500), ('open', 60)) as counter(key, seconds)`);
    await owner.query(`insert into platform.known_logins (digest, expires_at)
      values ('over', now() - interval '1 second'), ('known', now() + interval '1 day')`);
    await sweepExpired(database.pool);
    const left = await owner.query(`select key from platform.rate_limits union all
      select digest from platform.known_logins order by key`);
    expect(left.rows.map(({ key }) => key)).toEqual(['known', 'open', 'recent']);
  });

  it('the sweep deletes the beats of processes that sent none for a day', async () => {
    await owner.query(`insert into platform.replica_beats (reader, sent_ms, at)
      select gen_random_uuid(), hours, now() - hours * interval '1 hour' from (values (23), (25)) as beat(hours)`);
    await sweepExpired(database.pool);
    expect((await owner.query('select sent_ms from platform.replica_beats')).rows).toEqual([{ sent_ms: 23 }]);
  });

  it('the sweep runs every minute until it is stopped', async () => {
    await keep(1, 1, '-1 second');
    const queries = vi.spyOn(database.pool, 'query');
    const sweep = startSweep(database.pool, pino({ level: 'silent' }));
    vi.advanceTimersByTime(59_999);
    expect(queries).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    await vi.waitUntil(async () => (await keptKeys()).length === 0, { timeout: 60_000 });
    // One statement for each of the six tables.
    await vi.waitUntil(() => queries.mock.settledResults.length === 6, { timeout: 60_000 });
    sweep.stop();
    const before = queries.mock.calls.length;
    vi.advanceTimersByTime(180_000);
    expect(queries.mock.calls.length).toBe(before);
    queries.mockRestore();
  });
});
