import pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { MINUTE_MS } from '../kernel/durations.ts';
import { ESTIMATE_ERROR_MAX_MS, isOnTime } from './database-time.ts';
import { openNodeClock } from './node-clock.ts';

const log = pino({ level: 'silent' });
let home: TestDatabase;
let pool: pg.Pool;
let wallAheadMs: number;
let pausedMs: number;
beforeAll(async () => {
  home = await testDatabase();
  pool = new pg.Pool({ connectionString: home.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await home.drop();
});
beforeEach(() => {
  wallAheadMs = 0;
  pausedMs = 0;
});

/** PostgreSQL runs on this machine: the real time is its time. */
async function open(source: { query: pg.Pool['query'] } = pool) {
  const clock = await openNodeClock({
    pool: source,
    wall: () => Date.now() + wallAheadMs,
    monotonic: () => performance.now() - pausedMs,
    metrics: new Registry(),
    log,
  });
  onTestFinished(() => clock.stop());
  return clock;
}

const errorOf = (clock: { estimate(): number }) => Math.abs(clock.estimate() - Date.now());

it.each([11, -11])(
  'the node clock estimates the time of the database on a node whose clock is %i min ahead',
  async (minutes) => {
    wallAheadMs = minutes * MINUTE_MS;
    const clock = await open();
    expect(errorOf(clock)).toBeLessThan(500);
    expect(Math.abs(clock.last().offsetMs + wallAheadMs)).toBeLessThan(500);
    expect(clock.isTrusted()).toBe(true);
  },
);

it.each([11, -11])(
  'the node clock does not follow a wall clock that jumps by %i min, and measures again at once',
  async (minutes) => {
    const clock = await open();
    wallAheadMs = minutes * MINUTE_MS;
    expect(errorOf(clock)).toBeLessThan(500);
    expect(clock.isTrusted()).toBe(false);
    await vi.waitFor(() => expect(clock.isTrusted()).toBe(true), { timeout: 60_000 });
    expect(Math.abs(clock.last().offsetMs + wallAheadMs)).toBeLessThan(500);
    expect(errorOf(clock)).toBeLessThan(500);
  },
);

it('the node clock is not trusted after the machine was suspended, until it has measured again', async () => {
  const clock = await open();
  pausedMs = 5 * MINUTE_MS; // the monotonic clock stood still, the wall clock went on
  expect(clock.isTrusted()).toBe(false);
  await vi.waitFor(() => expect(clock.isTrusted()).toBe(true), { timeout: 60_000 });
  expect(errorOf(clock)).toBeLessThan(500);
});

it('the node clock is not trusted while the measurements fail, and does not stop trying', async () => {
  let isAway = false;
  const flaky = {
    query: ((text: string) =>
      isAway ? Promise.reject(new Error('the database is away')) : pool.query(text)) as pg.Pool['query'],
  };
  const clock = await open(flaky);
  isAway = true;
  wallAheadMs = MINUTE_MS;
  expect(clock.isTrusted()).toBe(false);
  await new Promise((resume) => setTimeout(resume, 1_500));
  expect(clock.isTrusted()).toBe(false);
  isAway = false;
  await vi.waitFor(() => expect(clock.isTrusted()).toBe(true), { timeout: 60_000 });
});

it('the node clock is not trusted when the last measurement is older than 150 s', async () => {
  const clock = await open();
  pausedMs = -151_000; // both clocks went on
  wallAheadMs = 151_000;
  expect(clock.isTrusted()).toBe(false);
});

it('the node clock is not trusted when the round trip of every sample was long', async () => {
  let ms = 0;
  const slow = {
    query: (async (text: string) => {
      ms += 3_000;
      return await pool.query(text);
    }) as unknown as pg.Pool['query'],
  };
  const clock = await openNodeClock({
    pool: slow,
    wall: () => Date.now() + ms,
    monotonic: () => performance.now() + ms,
    metrics: new Registry(),
    log,
  });
  onTestFinished(() => clock.stop());
  expect(clock.last().uncertaintyMs).toBeGreaterThan(1_000);
  expect(clock.isTrusted()).toBe(false);
});

it('the node clock measures again when a statement returned a time that it did not estimate: the clock of the database jumped', async () => {
  let databaseAheadMs = 0;
  const moved = {
    query: (async (text: string) => {
      const { rows } = await pool.query<{ now: Date }>(text);
      return { rows: rows.map(({ now }) => ({ now: new Date(now.getTime() + databaseAheadMs) })) };
    }) as unknown as pg.Pool['query'],
  };
  const clock = await open(moved);
  databaseAheadMs = 11 * MINUTE_MS;
  clock.observe(Date.now(), clock.estimate());
  expect(clock.isTrusted()).toBe(true);
  clock.observe(Date.now() + databaseAheadMs, clock.estimate());
  expect(clock.isTrusted()).toBe(false);
  await vi.waitFor(() => expect(clock.isTrusted()).toBe(true), { timeout: 60_000 });
  expect(Math.abs(clock.estimate() - Date.now() - databaseAheadMs)).toBeLessThan(500);
});

it('the time of calls is that of the database again after the machine was suspended, because its use notices that', async () => {
  const clock = await open();
  pausedMs = MINUTE_MS;
  await vi.waitFor(() => expect(Math.abs(clock.calls.now() - Date.now())).toBeLessThan(500), { timeout: 60_000 });
});

it.each([
  [0, true],
  [ESTIMATE_ERROR_MAX_MS - 1_000, true],
  [-ESTIMATE_ERROR_MAX_MS + 1_000, true],
  [ESTIMATE_ERROR_MAX_MS + 1_000, false],
  [-ESTIMATE_ERROR_MAX_MS - 1_000, false],
])('a statement that was decided on a time %i ms from the clock of the database: %s', async (byMs, isAccepted) => {
  const { rows } = await pool.query(`select ${isOnTime('$1')} as "isAccepted"`, [Date.now() + byMs]);
  expect(rows).toEqual([{ isAccepted }]);
});
