import type { CallClock, Clock } from '../../src/platform/kernel/clock.ts';

/** The time of calls of a process whose clock has not jumped. */
export const callClockOf = (now: Clock): CallClock => ({ now, times: () => [now()] });
