import { expect, it } from 'vitest';
import { type Admission, BEAT_MS, createAdmission, LATE_MS, LIMIT_MIN, START_LIMIT, TARGET_MS } from './admission.ts';

/** A node that answers `perSecond` requests a second, first come, first served, under requests that arrive at a fixed rate. */
function node(admission: Admission, clock: { ms: number }, perSecond: number) {
  const queue: { at: number; leave: () => void }[] = [];
  const latencies: number[] = [];
  let credit = 0;
  let arriving = 0;
  let shed = 0;
  return {
    run(arrivalsPerSecond: number, seconds: number, capacity = perSecond) {
      for (let beat = 0; beat < (seconds * 1_000) / BEAT_MS; beat++) {
        arriving += (arrivalsPerSecond * BEAT_MS) / 1_000;
        for (; arriving >= 1; arriving--) {
          if (admission.check() === undefined) queue.push({ at: clock.ms, leave: admission.enter() });
          else shed += 1;
        }
        clock.ms += BEAT_MS;
        credit += (capacity * BEAT_MS) / 1_000;
        for (; credit >= 1 && queue.length > 0; credit--) {
          const done = queue.shift();
          done?.leave();
          latencies.push(clock.ms - (done?.at ?? 0));
        }
        if (queue.length === 0) credit = 0;
        admission.beat();
      }
    },
    take() {
      const taken = { shed, answered: latencies.length, slowest: Math.max(0, ...latencies) };
      shed = 0;
      latencies.length = 0;
      return taken;
    },
  };
}

function start(perSecond: number) {
  const clock = { ms: 1_000 };
  const admission = createAdmission(() => clock.ms);
  return { admission, clock, on: node(admission, clock, perSecond) };
}

it('admits everything below the capacity', () => {
  const { on } = start(8_000);
  on.run(6_000, 10);
  expect(on.take().shed).toBe(0);
});

it.each([2, 4, 10])('keeps throughput and latency at %s times the capacity', (multiple) => {
  const { on } = start(8_000);
  on.run(8_000 * multiple, 3);
  on.take();
  on.run(8_000 * multiple, 10);
  const { shed, answered, slowest } = on.take();
  expect(answered).toBe(80_000);
  expect(shed).toBeGreaterThan(79_000 * (multiple - 1));
  expect(slowest).toBeLessThan(LATE_MS);
});

it('admits everything as soon as the load falls below the capacity again', () => {
  const { on } = start(2_000);
  on.run(8_000, 10);
  on.take();
  on.run(1_000, 5);
  expect(on.take().shed).toBe(0);
});

it('follows a capacity that falls, and one that rises again', () => {
  const { on } = start(8_000);
  on.run(16_000, 5);
  on.run(16_000, 5, 1_000);
  on.take();
  on.run(16_000, 5, 1_000);
  expect(on.take()).toMatchObject({ answered: 5_000, slowest: expect.toSatisfy((ms: number) => ms < LATE_MS) });
  on.run(16_000, 5);
  on.take();
  on.run(16_000, 5);
  expect(on.take().answered).toBe(40_000);
});

it('never admits fewer at once than one batch', () => {
  const { on, admission } = start(10);
  on.run(1_000, 60);
  expect(admission.limit()).toBe(LIMIT_MIN);
});

it('forgets a low limit when it was not busy for a while, so that the next opening begins anew', () => {
  const { on, admission } = start(100);
  on.run(1_000, 5);
  on.run(0, 5);
  expect(admission.limit()).toBe(LIMIT_MIN);
  on.run(10, 12);
  expect(admission.limit()).toBe(START_LIMIT);
});

it('admits what arrives at the very rate of a slow machine', () => {
  const { on, admission } = start(2_000);
  on.run(2_000, 10);
  expect(admission.limit()).toBe(START_LIMIT);
  expect(on.take().shed).toBe(0);
});

it('does not let refusals from memory hide slow requests', () => {
  const { admission, clock } = start(1);
  // 100 slow requests a window among 10,000 that are answered at once.
  const slow: (() => void)[] = [];
  for (let beat = 0; beat < 80; beat++) {
    for (let n = 0; n < 100; n++) slow.push(admission.enter());
    for (let n = 0; n < 10_000; n++) admission.enter()();
    clock.ms += BEAT_MS;
    if (beat >= 40) for (const leave of slow.splice(0, 100)) leave();
    admission.beat();
  }
  expect(40 * BEAT_MS).toBeGreaterThan(TARGET_MS);
  expect(admission.limit()).toBeLessThan(START_LIMIT);
});

/** Clients that ask again as soon as they have their answer. Each answer takes `tookMs`. Returns how many requests were refused. */
function closedLoop(clients: number, tookMs: number, seconds: number): number {
  const { admission, clock } = start(1);
  const open: { readonly until: number; readonly leave: () => void }[] = [];
  const end = clock.ms + seconds * 1_000;
  let shed = 0;
  for (; clock.ms < end; clock.ms++) {
    while ((open[0]?.until ?? Number.POSITIVE_INFINITY) <= clock.ms) open.shift()?.leave();
    while (open.length < clients && admission.check() === undefined)
      open.push({ until: clock.ms + tookMs, leave: admission.enter() });
    if (open.length < clients) shed += 1;
    if (clock.ms % BEAT_MS === 0) admission.beat();
  }
  return shed;
}

it.each([
  [300, 15],
  [512, 19],
  [512, 21],
])('admits everything of %i clients that are answered within %i ms', (clients, tookMs) => {
  expect(closedLoop(clients, tookMs, 5)).toBe(0);
});

it('admits more again after a stop of the database, when its answers come in time', () => {
  const { on, admission } = start(8_000);
  on.run(16_000, 3, 0);
  expect(admission.limit()).toBe(LIMIT_MIN);
  on.run(16_000, 5);
  on.take();
  on.run(16_000, 5);
  expect(on.take().answered).toBe(40_000);
});

it('counts a request that leaves twice once', () => {
  const { admission } = start(1);
  const leave = admission.enter();
  admission.enter();
  leave();
  leave();
  expect(admission.inFlight()).toBe(1);
});

/** How many requests are admitted before one is refused, at most two batches. */
function admitted(admission: Admission): number {
  let count = 0;
  for (; count < 2 * LIMIT_MIN && admission.check() === undefined; count++) admission.enter();
  return count;
}

it('refuses what waited in its socket while the event loop was blocked, beyond one batch, and nothing that comes afterwards', () => {
  const { admission, clock } = start(1);
  admission.beat();
  clock.ms += LATE_MS + 1;
  expect(admitted(admission)).toBe(LIMIT_MIN);
  expect(admission.check()).toBe('late');
  // Timers run before sockets are read: one beat has come, and what is read now may have waited since the beat before.
  admission.beat();
  expect(admission.check()).toBe('late');
  clock.ms += BEAT_MS;
  admission.beat();
  expect(admission.check()).toBeUndefined();
});

it('admits requests at an idle node whose event loop was blocked', () => {
  const { admission, clock } = start(1);
  clock.ms += 10 * LATE_MS;
  expect(admission.check()).toBeUndefined();
});

it('admits one batch at a time while reading and refusing alone block the event loop', () => {
  const { admission, clock } = start(1);
  for (let turn = 0; turn < 5; turn++) {
    clock.ms += LATE_MS + 1;
    admission.beat();
    clock.ms += LATE_MS + 1;
    const leaves = Array.from({ length: LIMIT_MIN }, () => {
      expect(admission.check()).toBeUndefined();
      return admission.enter();
    });
    expect(admission.check()).toBe('late');
    for (const leave of leaves) leave();
  }
});
