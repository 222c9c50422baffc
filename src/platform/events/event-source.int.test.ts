import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { dropDatabase, execute, withDatabaseName } from '../../../test/support/postgres-admin.ts';
import { claimEvents, handleOnce } from '../postgres/inbox.ts';
import { migrate } from '../postgres/migrate.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { EventBus } from './bus.ts';
import { inProcessBus } from './bus-in-process.ts';
import { postgresDeadLetters } from './dead-letters.ts';
import { readEventSource } from './event-source.ts';
import { INSERT_OUTBOX, outboxValues } from './outbox.ts';
import { createRelay, type Relay } from './relay.ts';

const FOLDER = 'src/platform/postgres/migrations';
const SCRIPTS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.sql'))
  .toSorted();
const SOURCES = SCRIPTS.indexOf('0005_event_source.sql');
const log = pino({ level: 'silent' });
const WAIT = { timeout: 60_000, interval: 20 };

/** Where the consumer keeps its inbox. */
let database: TestDatabase;
let pool: pg.Pool;
let bus: EventBus;
let handled: string[];
let relays: Relay[];
let producers: string[];

beforeEach(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on('error', () => {});
  handled = [];
  relays = [];
  producers = [];
  bus = inProcessBus({ deadLetters: postgresDeadLetters(pool), metrics: new Registry(), log, retryBaseMs: 5 });
  bus.subscribe('consumer', ['coupon.issued'], (batch) =>
    inTransaction(pool, async (client) => {
      const fresh = await handleOnce(client, 'consumer', batch);
      handled.push(...fresh.map(({ event }) => `${event.data['note']}`));
    }),
  );
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await bus.stop();
  await pool.end();
  await Promise.all(producers.map((url) => dropDatabase(inject('postgresUrl'), new URL(url).pathname.slice(1))));
  await database.drop();
});

/** Not cloned from the template of the tests: a clone has the source of its original. */
async function newDatabase(prepare: (url: string) => Promise<void>): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(inject('postgresUrl'), `create database ${name}`);
  const url = withDatabaseName(inject('postgresUrl'), name);
  producers.push(url);
  await prepare(url);
  return url;
}

const migrated = (url: string) => migrate(url, [{ name: 'platform', folder: FOLDER }]);
const textOf = (scripts: readonly string[]) =>
  scripts.map((name) => readFileSync(`${FOLDER}/${name}`, 'utf8').replaceAll('--> statement-breakpoint', '')).join(';');

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

const write = (url: string, rowId: bigint, ...notes: readonly string[]) =>
  withClient(url, (client) =>
    client.query(
      INSERT_OUTBOX,
      outboxValues(rowId, [
        {
          topic: 'coupon.issued',
          source: 'coupon',
          keyField: 'couponId',
          common: { couponId: '1' },
          columns: ['note'],
          rows: notes.map((note) => [note]),
        },
      ]),
    ),
  );

function startRelay(url: string): void {
  const deadLetters = postgresDeadLetters(pool);
  const check = { outgoing: () => undefined };
  const relay = createRelay({ url, bus, check, deadLetters, metrics: new Registry(), log });
  relay.start();
  relays.push(relay);
}

test('a consumer of two fresh databases drops no event, also where their outbox rows have equal ids', async () => {
  const urls = [await newDatabase(migrated), await newDatabase(migrated)];
  for (const [index, url] of urls.entries()) {
    for (let row = 1n; row <= 50n; row++) await write(url, row, `${index} ${row} first`, `${index} ${row} second`);
    startRelay(url);
  }
  await vi.waitFor(() => expect(handled).toHaveLength(200), WAIT);
  expect(new Set(handled).size).toBe(200);
});

test('an event that was published before there was a source is not handled again after the migration', async () => {
  const url = await newDatabase(async (fresh) => {
    await withClient(fresh, (client) => client.query(textOf(SCRIPTS.slice(0, SOURCES))));
    await write(fresh, 900n, 'published before', 'not published yet');
    await withClient(fresh, (client) => client.query(textOf(SCRIPTS.slice(SOURCES))));
  });
  // As a relay did that ended between publishing the row and deleting it.
  const { text, values } = claimEvents('consumer', ['900:0']);
  await pool.query(text, [...values]);
  await write(url, 901n, 'written after');
  startRelay(url);
  await vi.waitFor(() => expect(handled).toContain('written after'), WAIT);
  expect(handled).toEqual(['not published yet', 'written after']);
});

test('the names of rows begin with the source of the database, and are the same each time it is read', async () => {
  const url = await newDatabase(migrated);
  const [one, again] = await withClient(url, async (client) => [
    await readEventSource(client),
    await readEventSource(client),
  ]);
  expect(one?.id).toMatch(/^[0-9a-f]{16}$/);
  expect(one?.prefixOf('900')).toBe(`${one?.id}-900`);
  expect(again?.prefixOf('900')).toBe(one?.prefixOf('900'));
});
