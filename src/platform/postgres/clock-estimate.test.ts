import { expect, it } from 'vitest';
import { MINUTE_MS } from '../kernel/durations.ts';
import { clockEstimate, measureOffset } from './clock-estimate.ts';

/** A machine whose wall clock is an hour behind, and a database with 10 ms latency in each direction. */
function machine() {
  const now = { databaseMs: 1_000_000_000, aheadMs: -60 * MINUTE_MS, suspendedMs: 0 };
  const clocks = {
    wall: () => now.databaseMs + now.aheadMs,
    monotonic: () => now.databaseMs - now.suspendedMs,
  };
  const pass = (ms: number) => {
    now.databaseMs += ms;
  };
  const suspend = (ms: number) => {
    now.databaseMs += ms;
    now.suspendedMs += ms;
  };
  async function read(): Promise<number> {
    pass(10);
    const readMs = now.databaseMs;
    pass(10);
    return readMs;
  }
  return { now, clocks, pass, suspend, read };
}

it('the clock estimate ignores a sample during which the machine was suspended, even when its round trip is the shortest', async () => {
  const { now, clocks, suspend, read } = machine();
  let reads = 0;
  const sample = await measureOffset(clocks, async () => {
    if (++reads !== 3) return await read();
    const readMs = now.databaseMs;
    suspend(5 * MINUTE_MS);
    return readMs;
  });
  expect(reads).toBe(5);
  expect(sample.offsetMs).toBe(60 * MINUTE_MS);
});

it('the clock estimate rejects when a clock jumped in every sample', async () => {
  const { now, clocks, read } = machine();
  const jumping = measureOffset(clocks, async () => {
    now.aheadMs += MINUTE_MS;
    return await read();
  });
  await expect(jumping).rejects.toThrow('jumped in each');
});

it('the clock estimate does not follow a jump of the wall clock, reports it once as new, and is trusted again after a measurement', async () => {
  const { now, clocks, pass, read } = machine();
  const reports: boolean[] = [];
  const clock = clockEstimate(clocks, await measureOffset(clocks, read), (_reason, _byMs, isFirst) => {
    reports.push(isFirst);
  });
  now.aheadMs += 90 * MINUTE_MS;
  pass(1_000);
  expect(clock.isTrusted()).toBe(false);
  expect(clock.estimate()).toBe(now.databaseMs);
  expect(reports).toEqual([true, false]);
  clock.accept(await measureOffset(clocks, read));
  expect(clock.isTrusted()).toBe(true);
  expect(clock.estimate()).toBe(now.databaseMs);
});

it.each([
  ['stepped back', -1_001, true],
  ['is a little behind', -999, false],
  ['is a little ahead', 999, false],
  ['stepped ahead', 1_002, true],
])("the clock estimate is measured again when the database's clock %s: %i ms, %s", async (_, byMs, isMeasuredAgain) => {
  const { clocks, read } = machine();
  const reports: number[] = [];
  const clock = clockEstimate(clocks, await measureOffset(clocks, read), (_reason, apartMs) => {
    reports.push(apartMs);
  });
  const sentMs = clock.estimate();
  clock.observe(sentMs + byMs, sentMs);
  expect(reports).toEqual(isMeasuredAgain ? [byMs] : []);
  expect(clock.isTrusted()).toBe(!isMeasuredAgain);
});
