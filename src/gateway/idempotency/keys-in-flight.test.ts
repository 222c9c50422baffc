import { describe, expect, it } from 'vitest';
import { ProblemError } from '../problems/problem.ts';
import { keysInFlight } from './keys-in-flight.ts';

const refusal = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return [error.code, error.parts.retryAfterSeconds];
    throw error;
  }
  return undefined;
};

describe('a key in flight', () => {
  it('a key in flight is refused to a second request until the first one has ended', () => {
    const keys = keysInFlight();
    const release = keys.take('scope key');
    expect(refusal(() => keys.take('scope key'))).toEqual(['IDEMPOTENCY_KEY_IN_USE', 1]);
    expect(refusal(() => keys.take('scope other'))).toBeUndefined();
    release();
    expect(refusal(() => keys.take('scope key'))).toBeUndefined();
  });

  it('a key in flight is free again when its request fails', async () => {
    const keys = keysInFlight();
    const failing = keys.run('scope key', () => Promise.reject(new Error('refused')));
    await expect(keys.run('scope key', async () => 1)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_USE' });
    await expect(failing).rejects.toThrow('refused');
    expect(await keys.run('scope key', async () => 2)).toBe(2);
  });

  it('a request without a key is never in flight', () => {
    const keys = keysInFlight();
    keys.take(undefined);
    expect(refusal(() => keys.take(undefined))).toBeUndefined();
  });
});
