import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { measureLag } from './lag.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function measuring(first: () => Promise<number>) {
  let read = first;
  const lag = measureLag(() => read());
  return {
    readBy(next: () => Promise<number>) {
      read = next;
    },
    /** The value of a page, 250 ms after it was asked for at the latest. */
    async page(): Promise<number> {
      const result = lag();
      await vi.advanceTimersByTimeAsync(250);
      return await Promise.race([result, Promise.resolve().then(() => Promise.reject(new Error('the page waits')))]);
    },
  };
}
const after = (ms: number, seconds: number) => () =>
  new Promise<number>((resolve) => setTimeout(() => resolve(seconds), ms));

it('the lag grows from its last value after a read that failed, and is read again afterwards', async () => {
  const { page, readBy } = measuring(async () => 7);
  expect(await page()).toBe(7);
  readBy(() => Promise.reject(new Error('away')));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await page()).toBeGreaterThanOrEqual(67);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await page()).toBeGreaterThanOrEqual(127);
  readBy(async () => 0);
  expect(await page()).toBe(0);
});

it('the lag grows from its last value after a read that hangs was given up', async () => {
  const { page, readBy } = measuring(async () => 7);
  expect(await page()).toBe(7);
  readBy(() => new Promise<never>(() => {}));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await page()).toBe(7);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await page()).toBeGreaterThanOrEqual(127);
});

it('a lag that was never read grows from the start of the process after a read that failed', async () => {
  const { page } = measuring(() => Promise.reject(new Error('away')));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await page()).toBeGreaterThanOrEqual(60);
});

it('while reads are slow, a page shows the value of the page before, which has not grown', async () => {
  const { page, readBy } = measuring(after(300, 0));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await page()).toBe(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await page()).toBe(0);
  readBy(after(300, 9));
  await vi.advanceTimersByTimeAsync(60_000);
  expect([await page(), await page()]).toEqual([0, 9]);
});
