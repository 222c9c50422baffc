import { expect, it } from 'vitest';
import { orderTimeout } from './order-timeout.ts';

it('a call that settles in time has its own outcome', async () => {
  expect(await orderTimeout(60_000)(Promise.resolve(7))).toBe(7);
  await expect(orderTimeout(60_000)(Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
});

it('a call that takes too long is refused, and the client is asked to repeat it', async () => {
  const never = new Promise<never>(() => {});
  await expect(orderTimeout(1)(never)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE', retryAfterSeconds: 1 });
});
