import { expect, test } from 'vitest';
import { callClock, KNOWN_MS, SETTLE_MS } from './call-clock.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TOKEN_LIFE = 30 * SECOND;
const JUMPS = [11 * MINUTE, -11 * MINUTE, 40 * SECOND, -40 * SECOND];

/** The true time since the start, and what the clock of the database is ahead of it. */
function world() {
  return { passedMs: 0, databaseAheadMs: 0 };
}
type World = ReturnType<typeof world>;

const databaseIn = (on: World): number => NOON + on.passedMs + on.databaseAheadMs;

/** A process whose machine may have stopped, and whose wall clock may be wrong. */
function process(on: World, machine = { stoppedMs: 0, wallAheadMs: 0, drift: 0 }) {
  const monotonic = () => on.passedMs * (1 + machine.drift) - machine.stoppedMs;
  const sample = () => {
    const [databaseMs, monotonicMs, wallMs] = [databaseIn(on), monotonic(), NOON + on.passedMs + machine.wallAheadMs];
    return { databaseMs, monotonicMs, wallMs, offsetMs: databaseMs - wallMs, uncertaintyMs: 0 };
  };
  const clock = callClock(sample(), monotonic);
  return { ...clock, machine, measure: () => clock.accept(sample()) };
}
type Process = ReturnType<typeof process>;

const accepts = (callee: Process, caller: Process): boolean =>
  callee.times().some((nowMs) => Math.abs(nowMs - caller.now()) < TOKEN_LIFE);

const agree = (a: Process, b: Process): boolean => accepts(a, b) && accepts(b, a);

/** Processes that measure each minute, at another second each. */
function processesOf(on: World) {
  const all = Array.from({ length: 12 }, () => process(on));
  return {
    all,
    pass(ms: number) {
      for (const endMs = on.passedMs + ms; on.passedMs < endMs; on.passedMs += SECOND) {
        for (const [n, each] of all.entries()) if ((on.passedMs / SECOND) % 60 === n * 5) each.measure();
        const refused = all.flatMap((a, n) => all.slice(n + 1).filter((b) => !agree(a, b)));
        expect(refused.length, `${on.passedMs} ms`).toBe(0);
      }
    },
  };
}

test.each(JUMPS)(
  'processes accept each other at every second when the clock of the database jumps by %i ms, for a while or for good',
  (jumpMs) => {
    for (const forMs of [10 * SECOND, 30 * SECOND, 65 * SECOND, 80 * SECOND, 100 * SECOND, 3 * MINUTE, HOUR]) {
      const on = world();
      const { all, pass } = processesOf(on);
      pass(2 * MINUTE + 2 * SECOND);
      on.databaseAheadMs = jumpMs;
      pass(forMs);
      on.databaseAheadMs = 0;
      pass(10 * MINUTE);
      for (const each of all) expect(each.now()).toBe(databaseIn(on));
    }
  },
);

test.each(JUMPS)(
  'a process that starts after the clock of the database jumped by %i ms soon agrees with the others',
  (jumpMs) => {
    const on = world();
    const { all, pass } = processesOf(on);
    on.databaseAheadMs = jumpMs;
    pass(MINUTE + SETTLE_MS);
    const started = process(on);
    for (const each of all) expect(agree(started, each)).toBe(true);
  },
);

test('a call that was signed before a jump is refused when the processes have forgotten that time', () => {
  const on = world();
  const callee = process(on);
  on.passedMs = MINUTE;
  const signedMs = callee.now();
  on.databaseAheadMs = -11 * MINUTE;
  callee.measure();
  const isAccepted = () => callee.times().some((nowMs) => Math.abs(nowMs - signedMs) < TOKEN_LIFE);
  expect(isAccepted()).toBe(true);
  on.passedMs += TOKEN_LIFE;
  expect(isAccepted()).toBe(false);
  on.passedMs = MINUTE + KNOWN_MS;
  expect(callee.times().map((ms) => ms - databaseIn(on))).toEqual([0, 0]);
});

test.each([0, 11 * MINUTE])(
  'a machine that was suspended signs calls by the time of the database again as soon as it has measured (its wall clock is %i ms ahead)',
  (wallAheadMs) => {
    const on = world();
    const resumed = process(on, { stoppedMs: 0, wallAheadMs, drift: 0 });
    on.passedMs = HOUR;
    resumed.machine.stoppedMs = HOUR - MINUTE;
    resumed.measure();
    expect(resumed.now()).toBe(databaseIn(on));
  },
);

test('a machine that was suspended, and whose wall clock stood still as well, agrees with the others soon', () => {
  const on = world();
  const [other, resumed] = [process(on), process(on)];
  on.passedMs = MINUTE;
  resumed.machine.stoppedMs = MINUTE;
  resumed.machine.wallAheadMs = -MINUTE;
  resumed.measure();
  expect(accepts(resumed, other)).toBe(true);
  on.passedMs += SETTLE_MS;
  expect(agree(resumed, other)).toBe(true);
});

test('a jump of the wall clock changes nothing', () => {
  const on = world();
  const jumped = process(on);
  jumped.machine.wallAheadMs = 11 * MINUTE;
  jumped.measure();
  on.passedMs = SECOND;
  expect(jumped.times()).toEqual([databaseIn(on), databaseIn(on)]);
});

test('a clock that is 50 ppm slow follows the database for two weeks', () => {
  const on = world();
  const slow = process(on, { stoppedMs: 0, wallAheadMs: 0, drift: -50e-6 });
  for (; on.passedMs < 14 * 24 * HOUR; on.passedMs += MINUTE) {
    slow.measure();
    expect(Math.abs(slow.now() - databaseIn(on))).toBeLessThan(1);
  }
});
