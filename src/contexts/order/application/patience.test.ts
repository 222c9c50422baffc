import { expect, it } from 'vitest';
import { patience } from './patience.ts';

it('answers what came in time, and what failed in time', async () => {
  expect(await patience(60_000)(Promise.resolve(7))).toBe(7);
  await expect(patience(60_000)(Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
});

it('tells to ask again when it takes too long', async () => {
  const never = new Promise<never>(() => {});
  await expect(patience(1)(never)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE', retryAfterSeconds: 1 });
});
