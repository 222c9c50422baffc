import { expect, test, vi } from 'vitest';
import { withTimeout } from './timeout.ts';

const late = () => new Error('too late');

test('withTimeout settles as the work does, and leaves no timer', async () => {
  vi.useFakeTimers();
  try {
    await expect(withTimeout(Promise.resolve(7), 60_000, late)).resolves.toBe(7);
    await expect(withTimeout(Promise.reject(new RangeError('no')), 60_000, late)).rejects.toThrow(RangeError);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('withTimeout rejects with the error of the caller when the work takes longer', async () => {
  await expect(withTimeout(new Promise<never>(() => {}), 1, late)).rejects.toThrow('too late');
});
