import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import type { Delivery, EventBus } from './bus.ts';
import { inProcessBus } from './bus-in-process.ts';
import { type DeadLetters, postgresDeadLetters } from './dead-letters.ts';
import { INSERT_OUTBOX, insertOutboxFrom, outboxValues } from './outbox.ts';
import { createRelay, type Relay } from './relay.ts';

const log = pino({ level: 'silent' });
const WAIT = { timeout: 60_000, interval: 20 };
let database: TestDatabase;
let pool: pg.Pool;
let relay: Relay | undefined;
let bus: EventBus;
/** Numbers of the events in the order in which the bus took them. */
let taken: number[];

beforeEach(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on('error', () => {});
  bus = inProcessBus({ deadLetters: postgresDeadLetters(pool), metrics: new Registry(), log });
  bus.subscribe('consumer', ['coupon.issued'], async (batch) => void taken.push(...batch.map(numberOf)));
  taken = [];
});
afterEach(async () => {
  await relay?.stop();
  await bus.stop();
  await pool.end();
  await database.drop();
});

const numberOf = ({ event }: Delivery) => Number(event.data['n']);

/** Rows of one key, all of them there before the relay starts, so that it reads them together. */
async function write(...rows: readonly (readonly number[])[]): Promise<void> {
  for (const [index, numbers] of rows.entries()) await writeRow(pool, BigInt(index + 1), numbers);
}

async function writeRow(client: Pick<pg.ClientBase, 'query'>, id: bigint, numbers: readonly number[]): Promise<void> {
  await client.query(INSERT_OUTBOX, valuesOf(id, numbers));
}

function valuesOf(id: bigint, numbers: readonly number[]) {
  const batch = { topic: 'coupon.issued', source: 'coupon', keyField: 'key', common: { key: 'a' }, columns: ['n'] };
  return outboxValues(id, [{ ...batch, rows: numbers.map((n) => [n]) }]);
}

/** A transaction that has its id, before those that begin later. */
async function beginTransaction(): Promise<pg.PoolClient> {
  const client = await pool.connect();
  await client.query('begin');
  await client.query('select pg_current_xact_id()');
  return client;
}

async function commit(client: pg.PoolClient): Promise<void> {
  await client.query('commit');
  client.release();
}

/** A bus that refuses the batches selected by `refuses`, and passes the others on to the real bus. */
function startRelay(refuses: (batch: readonly Delivery[]) => Promise<boolean>, deadLetters: DeadLetters): void {
  const refusing: EventBus = {
    ...bus,
    async publish(batch) {
      if (await refuses(batch)) {
        // A refusal passes through several promises before the relay knows it.
        for (let tick = 0; tick < 20; tick++) await undefined;
        throw new Error('the broker is away');
      }
      await bus.publish(batch);
    },
  };
  const check = { outgoing: ({ event }: Delivery) => (event.data['n'] === -1 ? 'n: is wrong' : undefined) };
  relay = createRelay({ url: database.url, bus: refusing, check, deadLetters, metrics: new Registry(), log });
  relay.start();
}

const outboxIsEmpty = () =>
  vi.waitFor(async () => expect((await pool.query('select from platform.outbox')).rowCount).toBe(0), WAIT);

test('an outbox row that is refused delays the rows that were read with it', async () => {
  const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
  await write(...numbers.map((n) => [n]));
  let refusals = 2;
  startRelay(async (batch) => batch.some((each) => numberOf(each) === 3) && refusals-- > 0, postgresDeadLetters(pool));
  await outboxIsEmpty();
  expect(refusals).toBeLessThan(0);
  expect(taken).toEqual(numbers);
});

test('an outbox row whose invalid events are put aside waits for an earlier row that is refused meanwhile', async () => {
  await write([1], [-1, 2], [3]);
  let refusals = 1;
  let put = 0;
  const deadLetters = postgresDeadLetters(pool);
  const slow: DeadLetters = {
    async put(...deadLetter) {
      put += 1;
      await sleep(200);
      await deadLetters.put(...deadLetter);
    },
  };
  startRelay(async (batch) => {
    if (!batch.some((each) => numberOf(each) === 1)) return false;
    await sleep(50);
    return refusals-- > 0;
  }, slow);
  await outboxIsEmpty();
  expect(put).toBeGreaterThan(0);
  expect(taken).toEqual([1, 2, 3]);
});

test('events of a key are relayed in the order of their commits when the transaction that commits last began first', async () => {
  const first = await beginTransaction();
  // More than the relay reads at once.
  const numbers = Array.from({ length: 70 }, (_, index) => index + 1);
  for (const n of numbers) await writeRow(pool, BigInt(1_000 - n), [n]);
  startRelay(async () => false, postgresDeadLetters(pool));
  await sleep(100);
  await writeRow(first, 2_000n, [71]);
  await commit(first);
  await outboxIsEmpty();
  expect(taken).toEqual([...numbers, 71]);
});

test('events of a key are relayed in the order of their commits while a transaction runs that began between theirs', async () => {
  const last = await beginTransaction();
  const other = await beginTransaction();
  await writeRow(pool, 2n, [1]);
  await writeRow(last, 1n, [2]);
  await commit(last);
  startRelay(async () => false, postgresDeadLetters(pool));
  await sleep(100);
  await commit(other);
  await outboxIsEmpty();
  expect(taken).toEqual([1, 2]);
});

test('events of a key are relayed in the order of their commits when one statement waits for the lock and writes them', async () => {
  await pool.query('create table keys (key text primary key)');
  await pool.query("insert into keys values ('a')");
  const last = await beginTransaction();
  const other = await beginTransaction();
  const first = await beginTransaction();
  await first.query('select from keys for update');
  const waiting = last.query(
    `with locked as materialized (select from keys for update) ${insertOutboxFrom('locked', 1)}`,
    valuesOf(1n, [2]),
  );
  const waits = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  await vi.waitFor(async () => expect((await pool.query(waits)).rowCount).toBe(1), WAIT);
  await writeRow(first, 2n, [1]);
  await commit(first);
  await waiting;
  await commit(last);
  startRelay(async () => false, postgresDeadLetters(pool));
  await sleep(100);
  await commit(other);
  await outboxIsEmpty();
  expect(taken).toEqual([1, 2]);
});

test('an outbox row that is being published is not read again', async () => {
  const published: number[] = [];
  let release = () => {};
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  await write([1], [2]);
  startRelay(async (batch) => {
    published.push(...batch.map(numberOf));
    await isReleased;
    return false;
  }, postgresDeadLetters(pool));
  await vi.waitFor(() => expect(published).toContain(2), WAIT);
  await writeRow(pool, 3n, [3]);
  await vi.waitFor(() => expect(published).toContain(3), WAIT);
  release();
  await outboxIsEmpty();
  expect(published).toEqual([1, 2, 3]);
});

test('the migration to places keeps the order in which waiting events were to be published', async () => {
  const script = readFileSync('src/platform/postgres/migrations/0012_outbox_place.sql', 'utf8');
  // The outbox as it was before.
  await pool.query(`drop index platform.outbox_order;
    alter table platform.outbox drop column place, alter column xid set default pg_current_xact_id();
    drop function platform.outbox_xid();
    create index outbox_commit_order on platform.outbox (xid, id)`);
  const first = await beginTransaction();
  await writeRow(pool, 1n, [3]);
  await writeRow(first, 3n, [2]);
  await writeRow(first, 2n, [1]);
  await commit(first);
  const client = await pool.connect();
  for (const statement of script.split('--> statement-breakpoint')) await client.query(statement);
  client.release();
  const { rows } = await pool.query('select id::int from platform.outbox order by place');
  expect(rows.map(({ id }) => id)).toEqual([2, 3, 1]);
  await writeRow(pool, 4n, [4]);
  startRelay(async () => false, postgresDeadLetters(pool));
  await outboxIsEmpty();
  expect(taken).toEqual([1, 2, 3, 4]);
});
