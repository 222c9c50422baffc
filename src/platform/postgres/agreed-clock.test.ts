import { expect, test } from 'vitest';
import { agreedClock } from './agreed-clock.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const ELEVEN_MINUTES = 11 * 60_000;

function stand({ databaseAheadMs = 0, nodeAheadMs = 0 } = {}) {
  const on = { passedMs: 0, databaseAheadMs, nodeAheadMs };
  const at = (aheadMs: number) => NOON + on.passedMs + aheadMs;
  const clock = agreedClock(
    () => at(on.databaseAheadMs),
    () => at(on.nodeAheadMs),
    () => on.passedMs,
  );
  return { on, clock };
}

test.each(['databaseAheadMs', 'nodeAheadMs'] as const)(
  'the time of calls goes on as before when one clock jumps (%s), whichever it is, and when it jumps back',
  (which) => {
    for (const jumpMs of [ELEVEN_MINUTES, -ELEVEN_MINUTES]) {
      const { on, clock } = stand();
      on.passedMs = 5_000;
      on[which] = jumpMs;
      expect(clock()).toBe(NOON + 5_000);
      on.passedMs = 40_000;
      on[which] = 0;
      expect(clock()).toBe(NOON + 40_000);
    }
  },
);

test('the time of calls is that of the database when both clocks have changed alike, as after a suspension', () => {
  const { on, clock } = stand();
  on.databaseAheadMs = on.nodeAheadMs = ELEVEN_MINUTES;
  expect(clock()).toBe(NOON + ELEVEN_MINUTES);
});

test('the time of calls is that of the database in a process that was started with a wrong clock', () => {
  const { on, clock } = stand({ nodeAheadMs: ELEVEN_MINUTES });
  on.passedMs = 1_000;
  expect(clock()).toBe(NOON + 1_000);
});
