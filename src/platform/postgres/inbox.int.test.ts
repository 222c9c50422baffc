import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import type { Delivery } from '../events/bus.ts';
import { forgetHandled, handleOnce } from './inbox.ts';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 8 });
  // Dropping the database ends what is just closing.
  pool.on('error', () => {});
  await pool.query('create table effects (event_id text not null)');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function delivery(eventId: string): Delivery {
  const metadata = { correlationId: 'c', source: 'test', version: '1.0' };
  return { topic: 't', key: '1', event: { eventId, eventType: 'T', timestamp: '', data: {}, metadata } };
}

/** A consumer as they are meant to be: claim and effect in one transaction. */
async function consume(consumer: string, batch: readonly Delivery[], fail = false): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    for (const { event } of await handleOnce(client, consumer, batch)) {
      await client.query('insert into effects values ($1)', [`${consumer} ${event.eventId}`]);
    }
    if (fail) throw new Error('after the effect, before the commit');
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function effectsOf(consumer: string): Promise<string[]> {
  const { rows } = await pool.query<{ event_id: string }>(
    `select event_id from effects where event_id like $1 || ' %' order by event_id`,
    [consumer],
  );
  return rows.map((row) => row.event_id);
}

test('an event delivered five times, also at once and twice in a batch, has one effect', async () => {
  const batch = [delivery('2'), delivery('1'), delivery('2')];
  await Promise.all(Array.from({ length: 5 }, () => consume('stats', batch)));
  expect(await effectsOf('stats')).toEqual(['stats 1', 'stats 2']);
});

test('consumers do not take events from each other', async () => {
  await consume('mail', [delivery('1')]);
  expect(await effectsOf('mail')).toEqual(['mail 1']);
});

test('racing batches in opposite order do not deadlock', async () => {
  const ids = Array.from({ length: 50 }, (_, i) => delivery(`race-${i}`));
  await Promise.all([1, 2, 3, 4, 5, 6].map((i) => consume('racer', i % 2 === 0 ? ids : ids.toReversed())));
  expect(await effectsOf('racer')).toHaveLength(50);
});

test('a claim goes with the transaction that fails, and the event is handled when it comes again', async () => {
  await expect(consume('flaky', [delivery('1')], true)).rejects.toThrow();
  await consume('flaky', [delivery('1')]);
  expect(await effectsOf('flaky')).toEqual(['flaky 1']);
});

test('what was handled long ago is forgotten, what is fresh is kept', async () => {
  await pool.query(`insert into platform.inbox values ('old', '1', now() - interval '80 hours'), ('old', '2', now())`);
  expect(await forgetHandled(pool, 72)).toBe(1);
  const { rows } = await pool.query(`select event_id from platform.inbox where consumer = 'old'`);
  expect(rows).toEqual([{ event_id: '2' }]);
});
