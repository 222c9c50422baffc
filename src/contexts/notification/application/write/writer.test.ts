import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WriteResult } from '../ports.ts';
import { noticeWriter } from './writer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('the lag of a writer grows while nothing can be written, and ends with it', async () => {
  let next: () => Promise<WriteResult> = async () => ({ kind: 'EMPTY' });
  const lags: number[] = [];
  const writer = noticeWriter({
    intake: { writeNext: () => next() },
    signal: { notify() {} },
    onWritten: () => {},
    onLag: (seconds) => lags.push(seconds),
    log: pino({ level: 'silent' }),
  });
  writer.start();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(lags.at(-1)).toBe(0);
  next = async () => {
    throw new Error('away');
  };
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lags.at(-1)).toBeGreaterThan(55);
  next = async () => ({ kind: 'EMPTY' });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(lags.at(-1)).toBe(0);
  const stopped = writer.stop();
  await vi.advanceTimersByTimeAsync(5_000);
  await stopped;
});
