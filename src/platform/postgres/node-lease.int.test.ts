import pg from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { snowflake } from '../kernel/ids.ts';
import { Unavailable } from '../kernel/refusal.ts';
import { leaseNode, type NodeLease } from './node-lease.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
let pool: pg.Pool;
let leases: NodeLease[];

beforeEach(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 20 });
  // Dropping the database ends what is just closing.
  pool.on('error', () => {});
  leases = [];
});
afterEach(async () => {
  await Promise.all(leases.map((lease) => lease.stop()));
  await pool.end();
  await database.drop();
});

/** A simulated process with adjustable clocks. */
async function startProcess(start: { clockMs?: number } = {}) {
  const time = { clockMs: start.clockMs ?? Date.now(), monotonicMs: 0 };
  const lease = await leaseNode({ pool, clock: () => time.clockMs, monotonic: () => time.monotonicMs, log });
  leases.push(lease);
  return { time, lease, nextId: snowflake(lease.node, () => time.clockMs), number: lease.node(time.clockMs) };
}

/** All numbers but one are taken, so that a test sees that one being used again. */
async function leaveOneNumber(): Promise<void> {
  await pool.query(`update platform.node_leases set expires_at = 'infinity' where node > 0`);
}
const expire = (node: number, secondsAgo: number) =>
  pool.query(
    `update platform.node_leases set expires_at = clock_timestamp() - make_interval(secs => $2) where node = $1`,
    [node, secondsAgo],
  );

test('a hundred processes that start at once get a hundred numbers', async () => {
  const processes = await Promise.all(Array.from({ length: 100 }, () => startProcess()));
  expect(new Set(processes.map((process) => process.number)).size).toBe(100);
});

test('a process fails to start when every number is leased', async () => {
  await pool.query(`update platform.node_leases set expires_at = 'infinity'`);
  await expect(startProcess()).rejects.toThrow(/all 1024 node numbers/);
});

test('a number is free again some seconds after its lease expired, not before', async () => {
  await leaveOneNumber();
  const first = await startProcess();
  await expire(first.number, 3);
  await expect(startProcess({ clockMs: first.time.clockMs + 120_000 })).rejects.toBeInstanceOf(Unavailable);
  await expire(first.number, 6);
  expect((await startProcess({ clockMs: first.time.clockMs + 120_000 })).number).toBe(first.number);
});

test('a released number can be leased again, and its next ids are above the last one', async () => {
  await leaveOneNumber();
  const first = await startProcess();
  const last = first.nextId();
  await first.lease.stop();
  expect(() => first.nextId()).toThrow(Unavailable);
  await expire(first.number, 6);
  const second = await startProcess({ clockMs: first.time.clockMs + 1 });
  expect(second.nextId()).toBeGreaterThan(last);
});

test('a process whose clock is behind the ids of the last holder does not get the number', async () => {
  await leaveOneNumber();
  const first = await startProcess();
  first.nextId();
  await expire(first.number, 3_600);
  await expect(startProcess({ clockMs: first.time.clockMs + 30_000 })).rejects.toThrow(/node numbers/);
});

test('a process that slept through the expiry creates no id before it has renewed the lease', async () => {
  const sleeper = await startProcess();
  sleeper.nextId();
  sleeper.time.monotonicMs += 56_000;
  expect(() => sleeper.nextId()).toThrow(Unavailable);
  await vi.waitFor(() => sleeper.nextId(), { timeout: 60_000 });
  expect(sleeper.lease.node(sleeper.time.clockMs)).toBe(sleeper.number);
});

test('a process that slept while another one leased its number gets a new number', async () => {
  await pool.query(`update platform.node_leases set expires_at = 'infinity' where node > 1`);
  const sleeper = await startProcess();
  const made = [sleeper.nextId()];
  await expire(sleeper.number, 6);
  await pool.query(`update platform.node_leases set expires_at = 'infinity' where node <> $1`, [sleeper.number]);
  const other = await startProcess({ clockMs: sleeper.time.clockMs + 70_000 });
  expect(other.number).toBe(sleeper.number);
  made.push(other.nextId());

  // Its own clock stood still meanwhile, as in a suspended machine: only the monotonic one knows.
  sleeper.time.monotonicMs += 70_000;
  expect(() => sleeper.nextId()).toThrow(Unavailable);
  await expire(1 - sleeper.number, 6);
  await vi.waitFor(() => made.push(sleeper.nextId()), { timeout: 60_000 });
  expect(sleeper.lease.node(sleeper.time.clockMs)).not.toBe(other.number);
  expect(new Set(made).size).toBe(3);
});

test('a clock that jumps beyond the leased range stops the ids until the range is extended', async () => {
  const process = await startProcess();
  const before = process.nextId();
  process.time.clockMs += 3_600_000;
  expect(() => process.nextId()).toThrow(Unavailable);
  await vi.waitFor(() => process.nextId(), { timeout: 60_000 });
  // And back: ids go on from where they were.
  process.time.clockMs -= 3_600_000;
  expect(process.nextId()).toBeGreaterThan(before);
});

test('a clock that steps back before the first id costs a number, not an hour', async () => {
  let clockMs = Date.now();
  const lease = await leaseNode({ pool, clock: () => clockMs, log });
  leases.push(lease);
  const nextId = snowflake(lease.node, () => clockMs);
  clockMs -= 3_600_000;
  expect(nextId).toThrow(Unavailable);
  await vi.waitFor(nextId, { timeout: 60_000 });
});

test('while the database is not available the lease is valid up to its margin, and is renewed afterwards', async () => {
  const away = { now: false };
  const flaky = {
    query: (...args: [string, unknown[]]) => (away.now ? Promise.reject(new Error('away')) : pool.query(...args)),
  } as Pick<pg.Pool, 'query'>;
  const time = { ms: 0 };
  const lease = await leaseNode({ pool: flaky, clock: Date.now, monotonic: () => time.ms, log });
  leases.push(lease);
  away.now = true;
  time.ms = 54_999;
  expect(lease.node(Date.now())).toBeTypeOf('number');
  time.ms = 55_000;
  expect(() => lease.node(Date.now())).toThrow(Unavailable);
  away.now = false;
  await vi.waitFor(() => lease.node(Date.now()), { timeout: 60_000 });
});

test.each(['taken', 'renewed'])(
  'a lease that was just %s covers exactly the milliseconds that its row grants',
  async (how) => {
    const process = await startProcess();
    const beganMs = process.time.clockMs;
    if (how === 'renewed') {
      process.time.clockMs += 3_600_000;
      expect(() => process.nextId()).toThrow(Unavailable);
      await vi.waitFor(() => process.lease.node(process.time.clockMs), { timeout: 60_000 });
    }
    const { rows } = await pool.query<{ untilMs: number }>(
      'select ids_until_ms::float8 as "untilMs" from platform.node_leases where node = $1',
      [process.number],
    );
    const untilMs = rows[0]?.untilMs ?? 0;
    expect(untilMs).toBe(process.time.clockMs + 60_000);
    expect(process.lease.node(beganMs)).toBe(process.number);
    expect(process.lease.node(untilMs)).toBe(process.number);
    expect(() => process.lease.node(beganMs - 1)).toThrow(Unavailable);
    expect(() => process.lease.node(untilMs + 1)).toThrow(Unavailable);
  },
);
