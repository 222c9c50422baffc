import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import type { Delivery } from '../events/bus.ts';
import { placeOf } from './event-ids.ts';
import { forgetHandled, handleOnce, serverStart } from './inbox.ts';

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

/** A correct consumer: claim and effect in one transaction. */
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

test('consumers handle the same event independently of each other', async () => {
  await consume('mail', [delivery('1')]);
  expect(await effectsOf('mail')).toEqual(['mail 1']);
});

test('racing batches in opposite order do not deadlock', async () => {
  const ids = Array.from({ length: 50 }, (_, i) => delivery(`race-${i}`));
  await Promise.all([1, 2, 3, 4, 5, 6].map((i) => consume('racer', i % 2 === 0 ? ids : ids.toReversed())));
  expect(await effectsOf('racer')).toHaveLength(50);
});

test('a claim of an event is rolled back with its transaction, and the event is handled when it is delivered again', async () => {
  await expect(consume('flaky', [delivery('1')], true)).rejects.toThrow();
  await consume('flaky', [delivery('1')]);
  expect(await effectsOf('flaky')).toEqual(['flaky 1']);
});

test('events of one outbox row share a row of the inbox, whatever the order they come in', async () => {
  await consume('compact', ['900:3', '900:1', '901:0'].map(delivery));
  await consume('compact', ['900:0', '900:1', '900:2', '900:7'].map(delivery));
  expect(await effectsOf('compact')).toEqual(
    ['900:0', '900:1', '900:2', '900:3', '900:7', '901:0'].map((id) => `compact ${id}`),
  );
  const { rows } = await pool.query(
    `select source, seen::text from platform.inbox where consumer = 'compact' order by source`,
  );
  expect(rows).toEqual([
    { source: '900', seen: '{[0,4),[7,8)}' },
    { source: '901', seen: '{[0,1)}' },
  ]);
});

test('event ids of other producers are stored whole, and one that looks like an outbox row of this system is another event', async () => {
  await consume('foreign', ['900', '900:0', '900:01', 'evt_1:2', '900:-1', "it's {[0,9)}"].map(delivery));
  await consume('foreign', ['900', '900:0', '900:01', 'evt_1:2', '900:-1', "it's {[0,9)}"].map(delivery));
  expect(await effectsOf('foreign')).toHaveLength(6);
});

test('racing transactions claim each event of one outbox row once', async () => {
  const ids = Array.from({ length: 40 }, (_, index) => delivery(`950:${index}`));
  const parts = Array.from({ length: 8 }, (_, turn) => ids.filter((_, index) => (index * 7 + turn) % 3 !== 0));
  await Promise.all(parts.map((part) => consume('parts', part)));
  expect(await effectsOf('parts')).toHaveLength(40);
  const { rows } = await pool.query(`select seen::text from platform.inbox where consumer = 'parts'`);
  expect(rows).toEqual([{ seen: '{[0,40)}' }]);
});

test('a transaction that waited claims what the first one gave up', async () => {
  const [first, second] = [await pool.connect(), await pool.connect()];
  try {
    await first.query('begin');
    await handleOnce(first, 'waiting', ['960:0', '960:1'].map(delivery));
    await second.query('begin');
    const waiting = handleOnce(second, 'waiting', ['960:1', '960:2'].map(delivery));
    await first.query('rollback');
    expect((await waiting).map(({ event }) => event.eventId)).toEqual(['960:1', '960:2']);
    await second.query('commit');
  } finally {
    first.release();
    second.release();
  }
});

test('old claims of events are deleted, recent ones are kept', async () => {
  await pool.query(`insert into platform.inbox values ('old', '1', '{[0,1)}', '{}', now() - interval '80 hours'),
                      ('old', '2', '{[0,1)}', '{}', now())`);
  expect(await forgetHandled(pool, 72, 100)).toBe(1);
  const { rows } = await pool.query(`select source from platform.inbox where consumer = 'old'`);
  expect(rows).toEqual([{ source: '2' }]);
});

const AGE = `update platform.inbox set handled_at = now() - interval '80 hours' where consumer in ('lettered', 'no letter')`;

test('the claims of a consumer and an outbox row are kept as long as a dead letter of both', async () => {
  await pool.query(`insert into platform.inbox (consumer, source, seen) values
    ('lettered', '77', '{[0,2)}'), ('lettered', '7', '{[0,2)}'), ('lettered', '00000000000000ff-77', '{[0,2)}'),
    ('lettered', 'evt_1', '{[-1,0)}'), ('lettered', 'evt', '{[-1,0)}'), ('lettered', 'evt:2', '{[-1,0)}'),
    ('no letter', '77', '{[0,2)}')`);
  await pool.query(`insert into platform.dead_letters (consumer, event_id, topic, key, event, reason) values
    ('lettered', '77:1', 't', '1', '{}', ''), ('lettered', 'evt_1', 't', '1', '{}', ''),
    ('lettered', 'evt:2', 't', '1', '{}', ''), ('lettered', '00000000000000ff-77:0', 't', '1', '{}', '')`);
  await pool.query(AGE);
  expect(await forgetHandled(pool, 72, 100)).toBe(7);
  const { rows } = await pool.query<{ source: string }>(
    `select source from platform.inbox where consumer in ('lettered', 'no letter')`,
  );
  expect(rows.map(({ source }) => source).sort()).toEqual(['00000000000000ff-77', '77', 'evt:2', 'evt_1']);

  await pool.query(`delete from platform.dead_letters where consumer = 'lettered'`);
  await pool.query(AGE);
  expect(await forgetHandled(pool, 72, 100)).toBe(4);
  const left = await pool.query(`select from platform.inbox where consumer in ('lettered', 'no letter')`);
  expect(left.rowCount).toBe(0);
});

test('the clean-up of the inbox deletes rows behind those that dead letters need', async () => {
  await pool.query(`insert into platform.inbox (consumer, source, seen, handled_at)
    select 'many letters', n::text, '{[0,1)}', now() - interval '90 hours' + n * interval '1 second' from generate_series(1, 20) as n`);
  await pool.query(`insert into platform.dead_letters (consumer, event_id, topic, key, event, reason)
    select 'many letters', n || ':0', 't', '1', '{}', '' from generate_series(1, 15) as n`);
  for (const looked of [8, 8, 4, 0]) expect(await forgetHandled(pool, 72, 8)).toBe(looked);
  const { rows } = await pool.query<{ rows: number }>(
    `select count(*)::int as rows from platform.inbox where consumer = 'many letters'`,
  );
  expect(rows).toEqual([{ rows: 15 }]);
});

test('the clean-up of the inbox does not wait for a claim, and does not change its row', async () => {
  await pool.query(
    `insert into platform.inbox values ('claiming', '970', '{[0,1)}', '{}', now() - interval '80 hours')`,
  );
  const client = await pool.connect();
  try {
    await client.query('begin');
    await handleOnce(client, 'claiming', [delivery('970:1')]);
    expect(await forgetHandled(pool, 72, 100)).toBe(0);
    await client.query('commit');
  } finally {
    client.release();
  }
  expect(await forgetHandled(pool, 72, 100)).toBe(1);
});

test('a dead letter names the row of the inbox in which its event is claimed', async () => {
  const part = fc.constantFrom(
    '0',
    '1',
    '01',
    '900',
    '-1',
    '',
    ':',
    'a',
    'f'.repeat(16),
    '-',
    '1'.repeat(20),
    '9\n',
    '٣',
  );
  const ids = fc.sample(fc.array(part, { maxLength: 5 }), 500).map((parts) => parts.join(''));
  const ours = [
    '900:0',
    '900:999999999',
    '900:1000000000',
    '00000000000000ff-900:12',
    '00000000000000FF-900:12',
    '1001',
  ];
  await pool.query(
    `insert into platform.dead_letters (consumer, event_id, topic, key, event, reason)
     select 'named', id, 't', '1', '{}', '' from unnest($1::text[]) as id`,
    [[...new Set([...ids, ...ours])]],
  );
  const { rows } = await pool.query<{ id: string; source: string }>(
    `select event_id as id, source from platform.dead_letters where consumer = 'named'`,
  );
  expect(rows.length).toBeGreaterThan(100);
  for (const { id, source } of rows) expect({ id, source }).toEqual({ id, source: placeOf(id).source });
});

test('a short numeric id of another producer is handled once, whatever other consumers handle meanwhile', async () => {
  vi.resetModules();
  const fresh = await import('./inbox.ts');
  const client = await pool.connect();
  try {
    await client.query('begin');
    const claim = fresh.handleOnce(client, 'short ids', ['1001', '1002'].map(delivery));
    await Promise.all([claim, fresh.handleOnce(pool, 'other', [delivery('00000000000000ff-77:0')])]);
    expect((await claim).map(({ event }) => event.eventId)).toEqual(['1001', '1002']);
    expect(await fresh.handleOnce(client, 'short ids', ['1001', '1002'].map(delivery))).toEqual([]);
    await client.query('commit');
  } finally {
    client.release();
  }
});

test('the migration keeps short numeric event ids that were stored as indexes of no row', async () => {
  await pool.query(`insert into platform.inbox (consumer, source, seen) values ('short', '', '{[7,9),[1001,1002)}')`);
  const script = readFileSync('src/platform/postgres/migrations/0008_dead_letter_source.sql', 'utf8');
  for (const statement of script.split('--> statement-breakpoint').filter((each) => each.includes('"inbox"'))) {
    await pool.query(statement);
  }
  const fresh = await handleOnce(pool, 'short', ['7', '8', '1001', '1002'].map(delivery));
  expect(fresh.map(({ event }) => event.eventId)).toEqual(['1002']);
});

test('the migration keeps an inbox that has one row for each event', async () => {
  const folder = 'src/platform/postgres/migrations';
  const script = (name: string) =>
    readFileSync(`${folder}/${name}.sql`, 'utf8').replaceAll('--> statement-breakpoint', '');
  const old = await testDatabase();
  const client = new pg.Client({ connectionString: old.url });
  await client.connect();
  try {
    await client.query('drop schema platform cascade');
    await client.query(`${script('0000_platform')}; ${script('0001_dead_letters')}`);
    await client.query(`insert into platform.inbox (consumer, event_id)
      values ('a', '900:0'), ('a', '900:1'), ('a', '900:12'), ('a', 'evt_1'), ('b', '900:1')`);
    await client.query(script('0002_inbox_rows'));
    const again = ['900:0', '900:1', '900:12', 'evt_1', '900:2'].map(delivery);
    await client.query('begin');
    const fresh = await handleOnce(client, 'a', again);
    expect(fresh.map(({ event }) => event.eventId)).toEqual(['900:2']);
  } finally {
    await client.end();
    await old.drop();
  }
});

test.each([
  ['the outbox of the same server', 'this', 'off'],
  ['the outbox of another server, or of the same one before a start', '1764590000.123456', 'on'],
  ['elsewhere', undefined, 'on'],
])('the effect of an event from %s commits with its own setting of synchronous_commit', async (_, from, setting) => {
  const outboxServer = from === 'this' ? await serverStart(pool) : from;
  const event = {
    ...delivery(String(70 + (from?.length ?? 0))),
    ...(outboxServer === undefined ? {} : { outboxServer }),
  };
  const client = await pool.connect();
  try {
    await client.query('begin');
    expect(await handleOnce(client, 'flushes', [event])).toHaveLength(1);
    const { rows } = await client.query<{ synchronous_commit: string }>('show synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: setting }]);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('the effects of a batch are flushed when one of its events is from elsewhere', async () => {
  const outboxServer = await serverStart(pool);
  const client = await pool.connect();
  try {
    await client.query('begin');
    await handleOnce(client, 'flushes', [{ ...delivery('81'), outboxServer }, delivery('82')]);
    expect((await client.query('show synchronous_commit')).rows).toEqual([{ synchronous_commit: 'on' }]);
  } finally {
    await client.query('rollback');
    client.release();
  }
});
