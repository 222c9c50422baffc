import { expect, it } from 'vitest';
import { orderTimeout } from './order-timeout.ts';

it('answers what came in time, and what failed in time', async () => {
  expect(await orderTimeout(60_000)(Promise.resolve(7))).toBe(7);
  await expect(orderTimeout(60_000)(Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
});

it('tells to ask again when it takes too long', async () => {
  const never = new Promise<never>(() => {});
  await expect(orderTimeout(1)(never)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE', retryAfterSeconds: 1 });
});
