import { expect, it } from 'vitest';
import {
  type Admission,
  CONCURRENCY_MIN,
  createAdmission,
  LATE_MS,
  LIMIT_MIN,
  STANDING_MS,
  START_LIMIT,
  TARGET_MS,
  TICK_MS,
} from './admission.ts';

/** Counts a request as handled. Returns the function that ends that. */
function enter(admission: Admission, arrivedAt?: number): () => void {
  const handled = admission.enter(arrivedAt);
  return () => handled.leave();
}

/** Reads one request as the server does. Returns why it was refused; undefined: it was started, or waits. */
function arrive(admission: Admission, start: (leave: () => void) => void, refuse = (): void => undefined) {
  const verdict = admission.check();
  if (verdict === 'start') start(enter(admission));
  else if (verdict === 'wait') admission.wait({ start: (arrivedAt) => start(enter(admission, arrivedAt)), refuse });
  else return verdict;
  return undefined;
}

/** A node that answers `perSecond` requests a second, first come, first served, under requests that arrive at a fixed rate. */
function node(admission: Admission, clock: { ms: number }, perSecond: number) {
  const queue: { at: number; leave: () => void }[] = [];
  const latencies: number[] = [];
  let credit = 0;
  let arriving = 0;
  let shed = 0;
  return {
    run(arrivalsPerSecond: number, seconds: number, capacity = perSecond) {
      for (let tick = 0; tick < (seconds * 1_000) / TICK_MS; tick++) {
        arriving += (arrivalsPerSecond * TICK_MS) / 1_000;
        for (; arriving >= 1; arriving--) {
          const at = clock.ms;
          const refuse = (): void => {
            shed += 1;
          };
          if (arrive(admission, (leave) => queue.push({ at, leave }), refuse) !== undefined) refuse();
        }
        clock.ms += TICK_MS;
        credit += (capacity * TICK_MS) / 1_000;
        for (; credit >= 1 && queue.length > 0; credit--) {
          const done = queue.shift();
          done?.leave();
          latencies.push(clock.ms - (done?.at ?? 0));
        }
        if (queue.length === 0) credit = 0;
        admission.tick();
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

it('admission admits everything below the capacity', () => {
  const { on } = start(8_000);
  on.run(6_000, 10);
  expect(on.take().shed).toBe(0);
});

it.each([2, 4, 10])('admission keeps throughput and latency at %s times the capacity', (multiple) => {
  const { on } = start(8_000);
  on.run(8_000 * multiple, 3);
  on.take();
  on.run(8_000 * multiple, 10);
  const { shed, answered, slowest } = on.take();
  expect(answered).toBeGreaterThanOrEqual(79_000);
  expect(shed).toBeGreaterThan(79_000 * (multiple - 1));
  expect(slowest).toBeLessThan(LATE_MS);
});

it('admission lets requests queue for a burst, and for as long as requests are refused without a pause only briefly', () => {
  const { on, admission } = start(8_000);
  on.run(32_000, 0.9);
  expect(admission.limit()).toBeGreaterThanOrEqual(START_LIMIT);
  on.run(32_000, 2);
  on.take();
  on.run(32_000, 5);
  expect(on.take()).toMatchObject({
    answered: 40_000,
    slowest: expect.toSatisfy((ms: number) => ms < TARGET_MS / 2),
  });
  on.run(0, 1);
  on.take();
  on.run(32_000, 0.1);
  expect(on.take().shed).toBe(0);
});

it('admission admits everything as soon as the load falls below the capacity again', () => {
  const { on } = start(2_000);
  on.run(8_000, 10);
  on.take();
  on.run(1_000, 5);
  expect(on.take().shed).toBe(0);
});

it('admission follows a capacity that falls, and one that rises again', () => {
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

it('admission never admits fewer at once than two batches', () => {
  const { on, admission } = start(10);
  on.run(1_000, 60);
  expect(admission.limit()).toBe(LIMIT_MIN);
});

it('admission forgets a low limit when it was not busy for a while, so that the next opening begins anew', () => {
  const { on, admission } = start(100);
  on.run(1_000, 5);
  on.run(0, 5);
  expect(admission.limit()).toBe(LIMIT_MIN);
  on.run(10, 12);
  expect(admission.limit()).toBe(START_LIMIT);
});

it('admission admits requests that arrive at exactly the rate of a slow machine', () => {
  const { on, admission } = start(2_000);
  on.run(2_000, 10);
  expect(admission.limit()).toBe(START_LIMIT);
  expect(on.take().shed).toBe(0);
});

it('admission does not let refusals from memory hide slow requests', () => {
  const { admission, clock } = start(1);
  // 100 slow requests a window among 10,000 that are answered at once.
  const slow: (() => void)[] = [];
  for (let tick = 0; tick < 80; tick++) {
    for (let n = 0; n < 100; n++) slow.push(enter(admission));
    for (let n = 0; n < 10_000; n++) admission.enter().leave();
    clock.ms += TICK_MS;
    if (tick >= 40) for (const leave of slow.splice(0, 100)) leave();
    admission.tick();
  }
  expect(40 * TICK_MS).toBeGreaterThan(TARGET_MS);
  expect(admission.limit()).toBeLessThan(START_LIMIT);
});

/** Clients that ask again as soon as they have their answer. Each answer takes `tookMs`. Returns how many requests were refused. */
function closedLoop(clients: number, tookMs: number, seconds: number): number {
  const { admission, clock } = start(1);
  const open: { readonly until: number; readonly leave: () => void }[] = [];
  const end = clock.ms + seconds * 1_000;
  let idle = clients;
  let shed = 0;
  for (; clock.ms < end; clock.ms++) {
    while ((open[0]?.until ?? Number.POSITIVE_INFINITY) <= clock.ms) {
      open.shift()?.leave();
      idle += 1;
    }
    for (let client = idle; client > 0; client--) {
      if (arrive(admission, (leave) => open.push({ until: clock.ms + tookMs, leave })) === undefined) idle -= 1;
      else shed += 1;
    }
    if (clock.ms % TICK_MS === 0) admission.tick();
  }
  return shed;
}

it.each([
  [600, 15],
  [1_000, 19],
  [1_000, 21],
])('admission admits all requests of %i clients that get a response within %i ms', (clients, tookMs) => {
  expect(closedLoop(clients, tookMs, 5)).toBe(0);
});

it('admission admits more again after a stop of the database, when its responses come in time', () => {
  const { on, admission } = start(8_000);
  on.run(16_000, 3, 0);
  expect(admission.limit()).toBe(LIMIT_MIN);
  on.run(16_000, 5);
  on.take();
  on.run(16_000, 5);
  expect(on.take().answered).toBe(40_000);
});

it('admission counts a request that leaves twice once', () => {
  const { admission } = start(1);
  const leave = enter(admission);
  admission.enter();
  leave();
  leave();
  expect(admission.inFlight()).toBe(1);
});

/** How many requests are admitted before one is refused, at most two batches. */
function admitted(admission: Admission): number {
  let count = 0;
  for (; count < 2 * LIMIT_MIN && admission.check() === 'start'; count++) admission.enter();
  return count;
}

it('admission refuses requests that waited in their sockets while the event loop was blocked, beyond two batches, and none that come afterwards', () => {
  const { admission, clock } = start(1);
  admission.tick();
  clock.ms += LATE_MS + 1;
  expect(admitted(admission)).toBe(LIMIT_MIN);
  expect(admission.check()).toBe('late');
  // Timers run before sockets are read: one tick has come, and what is read now may have waited since the tick before.
  admission.tick();
  expect(admission.check()).toBe('late');
  clock.ms += TICK_MS;
  admission.tick();
  expect(admission.check()).toBe('start');
});

it('admission admits requests at an idle node whose event loop was blocked', () => {
  const { admission, clock } = start(1);
  clock.ms += 10 * LATE_MS;
  expect(admission.check()).toBe('start');
});

it('admission admits two batches at a time while reading and refusing alone block the event loop', () => {
  const { admission, clock } = start(1);
  for (let turn = 0; turn < 5; turn++) {
    clock.ms += LATE_MS + 1;
    admission.tick();
    clock.ms += LATE_MS + 1;
    const leaves = Array.from({ length: LIMIT_MIN }, () => {
      expect(admission.check()).toBe('start');
      return enter(admission);
    });
    expect(admission.check()).toBe('late');
    for (const leave of leaves) leave();
  }
});

/** Fills the node: as many requests are handled as its concurrency allows, and `count` more wait. */
function fill(admission: Admission, count: number) {
  const leaves = Array.from({ length: CONCURRENCY_MIN }, () => enter(admission));
  const started: number[] = [];
  const refused: number[] = [];
  for (let index = 0; index < count; index++) {
    expect(admission.check()).toBe('wait');
    const start = (arrivedAt: number): void => {
      started.push(index);
      leaves.push(enter(admission, arrivedAt));
    };
    admission.wait({ start, refuse: () => refused.push(index) });
  }
  return { leaves, started, refused };
}

it('admission starts one waiting request for each response, in the order of their arrival', () => {
  const { admission } = start(1);
  const { leaves, started } = fill(admission, 3);
  expect([started, admission.inFlight()]).toEqual([[], CONCURRENCY_MIN + 3]);
  for (const leave of leaves.splice(0, 2)) leave();
  expect(started).toEqual([0, 1]);
});

it('admission refuses a waiting request whose turn did not come within a second, and begins nothing of it', () => {
  const { admission, clock } = start(1);
  const { started, refused } = fill(admission, 3);
  clock.ms += LATE_MS;
  admission.tick();
  expect([started, refused]).toEqual([[], []]);
  clock.ms += 1;
  admission.tick();
  expect([started, refused]).toEqual([[], [0, 1, 2]]);
});

it('admission starts waiting requests at the next tick when those that were started before never entered', () => {
  const { admission } = start(1);
  const { leaves, started } = fill(admission, 0);
  // A client that is gone by its turn is not entered.
  for (let index = 0; index < 2; index++) admission.wait({ start: () => undefined, refuse: () => undefined });
  admission.wait({ start: () => started.push(7), refuse: () => undefined });
  for (const leave of leaves.splice(0, 2)) leave();
  expect(started).toEqual([]);
  // There is room, but a new request does not overtake the waiting one.
  expect(admission.check()).toBe('wait');
  admission.tick();
  expect(started).toEqual([7]);
});

it('admission admits half as many when each request is followed by one that is admitted whatever the load', () => {
  const [alone = 0, followed = 0] = [false, true].map((isFollowed) => {
    const { admission, clock } = start(1);
    const queue: { readonly leave: () => void; readonly hasFollowUp: boolean }[] = [];
    for (let step = 0; step < STANDING_MS - 100; step++) {
      for (let index = 0; index < 10; index++)
        arrive(admission, (leave) => queue.push({ leave, hasFollowUp: isFollowed }));
      // 4,000 answers a second.
      for (const { leave, hasFollowUp } of queue.splice(0, 4)) {
        leave();
        if (!hasFollowUp) continue;
        const followUp = admission.enter();
        followUp.excludeFromRate();
        queue.push({ leave: () => followUp.leave(), hasFollowUp: false });
      }
      clock.ms += 1;
      if (step % TICK_MS === 0) admission.tick();
    }
    return admission.limit();
  });
  expect(alone).toBeGreaterThan(0.9 * 4 * TARGET_MS);
  expect(followed / alone).toBeLessThan(0.7);
});
