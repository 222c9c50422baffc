import pg from 'pg';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import type { Delivery, EventBus } from './bus.ts';
import { inProcessBus } from './bus-in-process.ts';
import { postgresDeadLetters, RELAY } from './dead-letters.ts';
import { createRelay, type Relay } from './relay.ts';
import { REPLAY_CHANNEL } from './replay.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
let pool: pg.Pool;
let bus: EventBus;
let relay: Relay;
/** Events that consumers refuse at present. */
let bad: Set<string>;
let handled: string[];

beforeEach(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on('error', () => {});
  const metrics = new Registry();
  const deadLetters = postgresDeadLetters(pool);
  bad = new Set();
  handled = [];
  bus = inProcessBus({ deadLetters, metrics, log, retryBaseMs: 1 });
  for (const name of ['one', 'other']) {
    bus.subscribe(name, ['thing.happened'], async (batch) => {
      for (const { event } of batch) {
        if (bad.has(event.eventId)) throw new Error(`${name} cannot read it`);
        handled.push(`${name} ${event.eventId}`);
      }
    });
  }
  const check = { outgoing: ({ event }: Delivery) => (bad.has(event.eventId) ? 'still wrong' : undefined) };
  relay = createRelay({ url: database.url, bus, check, deadLetters, metrics, log });
  relay.start();
});
afterEach(async () => {
  await relay.stop();
  await bus.stop();
  await pool.end();
  await database.drop();
});

function delivery(eventId: string): Delivery {
  const metadata = { correlationId: 'c', source: 'test', version: '1.0' };
  return {
    topic: 'thing.happened',
    key: '1',
    event: { eventId, eventType: 'T', timestamp: '', data: { note: 'as it was' }, metadata },
  };
}

async function mark(): Promise<void> {
  await pool.query('update platform.dead_letters set replay_at = clock_timestamp()');
  await pool.query(`notify ${REPLAY_CHANNEL}`);
}

const deadLetters = async () =>
  (
    await pool.query<{ letter: string }>(
      `select consumer || ' ' || event_id || ' ' || reason as letter from platform.dead_letters order by 1`,
    )
  ).rows.map(({ letter }) => letter);
const marked = async () => (await pool.query('select from platform.dead_letters where replay_at is not null')).rowCount;
const noneMarked = () => vi.waitFor(async () => expect(await marked()).toBe(0), { timeout: 60_000, interval: 20 });

test('a replayed dead letter goes only to the consumer that failed, and is removed when it was handled', async () => {
  bad.add('1:0');
  await bus.publish([delivery('1:0'), delivery('1:1')]);
  expect(handled.toSorted()).toEqual(['one 1:1', 'other 1:1']);
  await pool.query(`delete from platform.dead_letters where consumer = 'other'`);

  bad.clear();
  await mark();
  await noneMarked();
  expect(handled.slice(2)).toEqual(['one 1:0']);
  expect(await deadLetters()).toEqual([]);
});

test('a replayed dead letter that fails again stays without its mark, and the others are replayed', async () => {
  await postgresDeadLetters(pool).put('one', delivery('1:0'), 'first reason');
  await postgresDeadLetters(pool).put('one', delivery('1:1'), 'first reason');
  bad.add('1:0');
  await mark();
  await noneMarked();
  expect(handled).toEqual(['one 1:1']);
  expect(await deadLetters()).toEqual(['one 1:0 Error: one cannot read it']);
});

test('a dead letter of a consumer that no longer exists stays, with that reason', async () => {
  await postgresDeadLetters(pool).put('gone', delivery('1:0'), 'first reason');
  await mark();
  await noneMarked();
  expect(await deadLetters()).toEqual(['gone 1:0 Error: there is no consumer gone here']);
});

test('a dead letter of the relay is delivered to every consumer when it matches the catalogue, and not before', async () => {
  await postgresDeadLetters(pool).put(RELAY, delivery('1:0'), 'wrong');
  bad.add('1:0');
  await mark();
  await noneMarked();
  expect(await deadLetters()).toEqual(['relay 1:0 still wrong']);

  bad.clear();
  await mark();
  await noneMarked();
  expect(handled.toSorted()).toEqual(['one 1:0', 'other 1:0']);
  expect(await deadLetters()).toEqual([]);
});
