import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../platform/kernel/durations.ts';
import {
  HEALTHY,
  type Health,
  hasFailedTooLong,
  healthAfterFailure,
  healthAfterSuccess,
  isPaused,
  isProbed,
} from './health.ts';

const START = Date.parse('2030-01-01T00:00:00Z');

/** Fails `times` times, each when the pause before is over. Returns the pauses, in minutes. */
function failing(times: number): {
  readonly health: Health;
  readonly minutes: readonly number[];
  readonly nowMs: number;
} {
  let health = HEALTHY;
  let nowMs = START;
  const minutes: number[] = [];
  for (let time = 0; time < times; time++) {
    nowMs = Math.max(nowMs, health.resumeAt?.getTime() ?? 0);
    health = healthAfterFailure(health, nowMs, undefined);
    minutes.push(((health.resumeAt?.getTime() ?? nowMs) - nowMs) / MINUTE_MS);
  }
  return { health, minutes, nowMs };
}

test('an endpoint is probed from the fifth failure in a row on, after pauses of 1 to 30 minutes', () => {
  expect(failing(12).minutes).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30]);
  expect([4, 5].map((times) => isProbed(failing(times).health))).toEqual([false, true]);
});

test('requests that were on their way when the pause began make it no longer, and are not counted', () => {
  const { health, nowMs } = failing(5);
  expect(healthAfterFailure(health, nowMs, undefined)).toEqual(health);
  expect(healthAfterFailure(health, nowMs, 2 * MINUTE_MS)).toEqual({
    ...health,
    resumeAt: new Date(nowMs + 2 * MINUTE_MS),
  });
});

test('a pause that a receiver asks for is kept, up to an hour', () => {
  const after = (ms: number) => healthAfterFailure(HEALTHY, START, ms).resumeAt?.getTime();
  expect([after(1_000), after(HOUR_MS), after(DAY_MS)]).toEqual([START + 1_000, START + HOUR_MS, START + HOUR_MS]);
  expect(isPaused(healthAfterFailure(HEALTHY, START, 1_000), START + 999)).toBe(true);
  expect(isPaused(healthAfterFailure(HEALTHY, START, 1_000), START + 1_000)).toBe(false);
});

test('an endpoint has failed for too long three days after its first failure, when it has failed ten times', () => {
  const { health } = failing(10);
  expect([3 * DAY_MS - 1, 3 * DAY_MS].map((ms) => hasFailedTooLong(health, START + ms))).toEqual([false, true]);
  expect(hasFailedTooLong(failing(9).health, START + 9 * DAY_MS)).toBe(false);
  expect(hasFailedTooLong(HEALTHY, START + 9 * DAY_MS)).toBe(false);
});

test('a success ends the failures, and a pause only when it is over', () => {
  const { health, nowMs } = failing(5);
  expect(healthAfterSuccess(health, nowMs)).toEqual({ ...HEALTHY, resumeAt: health.resumeAt });
  expect(healthAfterSuccess(health, nowMs + MINUTE_MS)).toEqual(HEALTHY);
  expect(healthAfterSuccess(HEALTHY, nowMs)).toBe(HEALTHY);
});
