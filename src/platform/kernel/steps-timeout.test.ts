import { expect, it } from 'vitest';
import { stepsTimeout } from './steps-timeout.ts';

it('a call that settles in time has its own outcome', async () => {
  expect(await stepsTimeout(60_000)(Promise.resolve(7))).toBe(7);
  await expect(stepsTimeout(60_000)(Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
});

it('a call that takes too long is refused, and the client is asked to repeat it', async () => {
  const never = new Promise<never>(() => {});
  await expect(stepsTimeout(1)(never)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE', retryAfterSeconds: 1 });
});
