import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { poll } from './poll.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a poll reports each failure and each success, goes on after both, and ends when it is stopped', async () => {
  const reported: unknown[] = [];
  const outage = {
    failed: (error: unknown) => void reported.push(error),
    succeeded: () => void reported.push('success'),
  };
  const away = new Error('away');
  const reads = [async () => {}, () => Promise.reject(away), async () => {}];
  const polling = poll(1_000, async () => await reads.shift()?.(), outage);
  await vi.advanceTimersByTimeAsync(999);
  expect(reported).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(reported).toEqual(['success']);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(reported).toEqual(['success', away, 'success']);
  polling.stop();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(reported).toHaveLength(3);
});

it('a poll that is stopped while it reads does not read again', async () => {
  let reads = 0;
  const reading = Promise.withResolvers<void>();
  const read = () => {
    reads += 1;
    return reading.promise;
  };
  const polling = poll(1_000, read, { failed: () => undefined, succeeded: () => undefined });
  await vi.advanceTimersByTimeAsync(1_000);
  polling.stop();
  reading.resolve();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(reads).toBe(1);
});
