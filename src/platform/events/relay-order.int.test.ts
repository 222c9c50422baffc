import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import type { Delivery, EventBus } from './bus.ts';
import { inProcessBus } from './bus-in-process.ts';
import { type DeadLetters, postgresDeadLetters } from './dead-letters.ts';
import { INSERT_OUTBOX, outboxValues } from './outbox.ts';
import { createRelay, type Relay } from './relay.ts';

const log = pino({ level: 'silent' });
const WAIT = { timeout: 15_000, interval: 20 };
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
  const batch = { topic: 'coupon.issued', source: 'coupon', keyField: 'key', common: { key: 'a' }, columns: ['n'] };
  await client.query(INSERT_OUTBOX, outboxValues(id, [{ ...batch, rows: numbers.map((n) => [n]) }]));
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
  const first = await pool.connect();
  await first.query('begin');
  await first.query('select pg_current_xact_id()');
  // More than the relay reads at once.
  const numbers = Array.from({ length: 70 }, (_, index) => index + 1);
  for (const n of numbers) await writeRow(pool, BigInt(1_000 - n), [n]);
  startRelay(async () => false, postgresDeadLetters(pool));
  await sleep(100);
  await writeRow(first, 2_000n, [71]);
  await first.query('commit');
  first.release();
  await outboxIsEmpty();
  expect(taken).toEqual([...numbers, 71]);
});
