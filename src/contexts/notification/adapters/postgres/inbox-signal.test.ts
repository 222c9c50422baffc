import type pg from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { postgresInboxSignal } from './inbox-signal.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('changed inboxes that could not be signalled are signalled with the next ones', async () => {
  const sent: string[] = [];
  let isAway = true;
  const pool = {
    async query({ values: [payloads] }: { values: [string[]] }) {
      if (isAway) throw new Error('away');
      sent.push(...payloads);
    },
  } as unknown as pg.Pool;
  const errors: unknown[] = [];
  const signal = postgresInboxSignal({ pool, url: '', onError: (error) => errors.push(error) });
  signal.notify([1n, 2n]);
  await vi.advanceTimersByTimeAsync(100);
  expect([errors.length, sent]).toEqual([1, []]);
  signal.notify([35n]);
  isAway = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent.join(' ').split(' ').toSorted()).toEqual(['1', '2', 'z']);
  await signal.stop();
});
