import pg from 'pg';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { inProcessBus } from './bus-in-process.ts';
import { postgresDeadLetters } from './dead-letters.ts';
import { INSERT_OUTBOX, type OutboxBatch, outboxValues } from './outbox.ts';
import { createRelay } from './relay.ts';
import { isRelayed } from './relay-lock.ts';
import { TAIL_CHANNEL, type TailMessage, WIRE_TAP_CHANNEL } from './wire-tap.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
let client: pg.Client;
let shown: TailMessage[];
let stop: () => Promise<void>;

beforeEach(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  shown = [];
  client.on('notification', ({ payload = '' }) => shown.push(JSON.parse(payload)));
  await client.query(`listen ${TAIL_CHANNEL}`);
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  const metrics = new Registry();
  const deadLetters = postgresDeadLetters(pool);
  // No consumer subscribes: payloads are loaded only for the tap.
  const bus = inProcessBus({ deadLetters, metrics, log });
  const relay = createRelay({
    url: database.url,
    bus,
    check: { outgoing: () => undefined },
    deadLetters,
    metrics,
    log,
  });
  stop = async () => {
    await relay.stop();
    await pool.end();
  };
  expect(await isRelayed(client)).toBe(false);
  relay.start();
  await vi.waitFor(async () => expect(await isRelayed(client)).toBe(true), { timeout: 60_000 });
});
afterEach(async () => {
  await stop();
  await client.end();
  await database.drop();
});

async function publish(id: bigint, ...notes: string[]): Promise<void> {
  const batch: OutboxBatch = {
    topic: 'thing.happened',
    source: 'test',
    keyField: 'thingId',
    common: { thingId: '7' },
    columns: ['note'],
    rows: notes.map((note) => [note]),
  };
  await client.query(INSERT_OUTBOX, outboxValues(id, [batch]));
  await vi.waitFor(async () => expect((await client.query('select from platform.outbox')).rowCount).toBe(0), {
    timeout: 60_000,
  });
}

const notesOf = () =>
  shown.map((each) => (each.kind === 'left out' ? each.events : `${each.kind} ${each.delivery.event.data['note']}`));

test('events are copied while the wire tap is open, and cause no work before', async () => {
  await publish(1n, 'unseen');
  await client.query(`notify ${WIRE_TAP_CHANNEL}`);
  // The leader sees the notification at the latest with its next read of the outbox.
  await vi.waitFor(
    async () => {
      await publish(BigInt(Date.now()), 'seen');
      expect(notesOf()).toContain('event seen');
    },
    { timeout: 60_000 },
  );
  expect(notesOf()).not.toContain('event unseen');
  expect(shown[0]).toMatchObject({
    delivery: { topic: 'thing.happened', key: '7', event: { data: { thingId: '7' } } },
  });
});

test('the wire tap shows an event too long for a notification without its data, and counts the events of a flood', async () => {
  await client.query(`notify ${WIRE_TAP_CHANNEL}`);
  await vi.waitFor(
    async () => {
      await publish(BigInt(Date.now()), 'seen');
      expect(notesOf()).toContain('event seen');
    },
    { timeout: 60_000 },
  );
  shown.length = 0;
  await publish(1n, 'é'.repeat(5_000));
  await vi.waitFor(() => expect(notesOf()).toEqual(['long undefined']));
  await publish(2n, ...Array.from({ length: 1_500 }, (_, index) => `n${index}`));
  await vi.waitFor(
    async () => {
      await publish(BigInt(Date.now()), 'later');
      expect(shown.some(({ kind }) => kind === 'left out')).toBe(true);
    },
    { timeout: 60_000 },
  );
});
