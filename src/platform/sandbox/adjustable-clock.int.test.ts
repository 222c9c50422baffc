import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collectingOutage } from '../../../test/support/outages.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { type AdjustableClock, openAdjustableClock } from './adjustable-clock.ts';

const REAL_MS = 1_000_000;
let database: TestDatabase;
let pool: pg.Pool;
let clocks: AdjustableClock[];
beforeEach(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => {});
  clocks = [];
});
afterEach(async () => {
  for (const clock of clocks) clock.stop();
  await pool.end();
  await database.drop();
});

async function opened(): Promise<AdjustableClock> {
  const clock = await openAdjustableClock(pool, () => REAL_MS, collectingOutage());
  clocks.push(clock);
  return clock;
}

test('a sandbox clock that is moved to an earlier time stays where it is, on every node', async () => {
  const [clock, other] = [await opened(), await opened()];
  expect(await clock.moveTo(5_000)).toBe(5_000);
  expect(await other.moveTo(2_000)).toBe(5_000);
  expect(await clock.moveTo(0)).toBe(5_000);
  expect([clock.now(), other.now(), (await opened()).now()]).toEqual(Array(3).fill(REAL_MS + 5_000));
});

test('a sandbox clock moves on to a later time, and a repeat of that changes nothing', async () => {
  const clock = await opened();
  expect(await clock.moveTo(5_000)).toBe(5_000);
  expect(await clock.moveTo(7_000)).toBe(7_000);
  expect(await clock.moveTo(7_000)).toBe(7_000);
  expect(clock.now()).toBe(REAL_MS + 7_000);
});

test('a node that has not heard of a move yet does not take the time back', async () => {
  const clock = await opened();
  await pool.query('insert into platform.sandbox_clock (one, ahead_ms) values (true, 9000)');
  expect(clock.aheadMs()).toBe(0);
  expect(await clock.moveTo(3_000)).toBe(9_000);
});
