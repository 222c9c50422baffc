import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { measureLag } from './lag.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it.each([
  ['fails', () => Promise.reject(new Error('away'))],
  ['does not end', () => new Promise<never>(() => {})],
])('the lag grows from its last value while reading it %s, and is read again afterwards', async (_, broken) => {
  let read: () => Promise<number> = async () => 7;
  const lag = measureLag(() => read());
  const measured = async () => {
    const result = lag();
    await vi.advanceTimersByTimeAsync(2_000);
    return await result;
  };
  expect(await measured()).toBe(7);
  read = broken;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await measured()).toBeGreaterThanOrEqual(67);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await measured()).toBeGreaterThanOrEqual(127);
  // A read that hangs is given up.
  await vi.advanceTimersByTimeAsync(60_000);
  read = async () => 0;
  expect(await measured()).toBe(0);
});
