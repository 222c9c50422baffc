import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Opening, planFleet } from './fleet.ts';
import { eventsPerSecondIn, type Measured } from './measured.ts';
import { planText } from './plan-text.ts';

const COSTS: Measured = {
  machine: '2 cores',
  ranAt: '2026-01-01T00:00:00Z',
  issue: { perSecond: 10_000, nodeCpuUs: 100, postgresCpuUs: 50, walBytes: 500, storedBytes: 400 },
  refusal: { nodeCpuUs: 30 },
  checkout: { nodeCpuUs: 1_000, postgresCpuUs: 500, storedBytes: 3_000 },
  connection: { nodeBytes: 10_000 },
  eventsPerSecond: 5_000,
  eventsRanAt: '2026-01-02T00:00:00Z',
};
const OPENING: Opening = {
  users: 600_000,
  minutes: 1,
  coupons: 60_000,
  policies: 1,
  requests: 1,
  peak: 2,
  checkouts: 0,
  utilization: 0.5,
  coreSpeed: 1,
};
const plan = (changes: Partial<Opening> = {}) => planFleet({ ...OPENING, ...changes }, COSTS);

test('one hot policy issues at the measured rate, and requests wait for the difference', () => {
  const fleet = plan();
  expect(fleet).toMatchObject({ meanRequests: 10_000, peakRequests: 20_000, issuing: 10_000, soldOutSeconds: 6 });
  expect(fleet.longestWaitSeconds).toBe(3);
  // 10,000 coupons of 100 us are one core of work, 20,000 refusals of 30 us are 0.6, at half use twice as many.
  expect(fleet.nodeCores).toBe(2);
  expect(fleet.processes).toBe(3);
  expect(fleet.postgresCores).toBe(1);
  expect(fleet.storedBytes).toBe(24_000_000);
});

test('several policies issue side by side, up to the rate of the requests', () => {
  const fleet = plan({ policies: 4 });
  expect(fleet.issuing).toBe(20_000);
  expect(fleet.longestWaitSeconds).toBe(0);
});

test('checkouts add the work of the whole minutes', () => {
  const fleet = plan({ checkouts: 6_000 });
  expect(fleet.checkouts).toBe(100);
  expect(fleet.nodeCores).toBeCloseTo(2.2, 9);
  expect(fleet.events).toBe(60_000 + 36_000);
});

test('more users never need fewer processes, and every figure is finite', () => {
  const users = fc.integer({ min: 1, max: 10_000_000 });
  const opening = fc.record({
    users,
    minutes: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
    coupons: fc.integer({ min: 1, max: 10_000_000 }),
    policies: fc.integer({ min: 1, max: 1_000 }),
    requests: fc.integer({ min: 1, max: 10 }),
    peak: fc.integer({ min: 1, max: 100 }),
    checkouts: fc.integer({ min: 0, max: 1_000_000 }),
    utilization: fc.double({ min: 0.05, max: 1, noNaN: true }),
    coreSpeed: fc.double({ min: 0.1, max: 5, noNaN: true }),
  });
  fc.assert(
    fc.property(opening, users, (smaller, more) => {
      const base = planFleet(smaller, COSTS);
      const larger = planFleet({ ...smaller, users: smaller.users + more }, COSTS);
      expect(larger.peakRequests).toBeGreaterThan(base.peakRequests);
      expect(larger.processes).toBeGreaterThanOrEqual(base.processes);
      expect(base.soldOutSeconds).toBeGreaterThan(0);
      expect(base.longestWaitSeconds).toBeGreaterThanOrEqual(0);
      expect(base.peakRequests).toBeLessThanOrEqual(smaller.users * smaller.requests);
      for (const figure of Object.values(base)) expect(Number.isFinite(figure)).toBe(true);
    }),
  );
});

test('max_connections has room for those of every process beside the ones that PostgreSQL reserves', () => {
  const { processes, postgresConnections } = plan();
  expect([processes, postgresConnections]).toEqual([3, 3 * 36 + 3]);
});

test('a plan is not made without the measured rate of events', () => {
  const measured = { label: 'Stampede, Kafka', perSecond: { median: 5_000 } };
  expect(eventsPerSecondIn([{ ...measured, label: 'another' }, measured])).toBe(5_000);
  expect(() => eventsPerSecondIn([{ ...measured, label: 'another' }])).toThrow('no candidate "Stampede, Kafka"');
});

test('the text dates what was measured at another time', () => {
  expect(planText(OPENING, plan(), COSTS)).toContain('5,000/s in a process, on 2026-01-02');
});

test('the text says when a queue is longer than requests may wait', () => {
  expect(planText(OPENING, plan(), COSTS)).toContain('3.0 s: more than the 2 s of the queue');
  expect(planText(OPENING, plan({ policies: 4 }), COSTS)).toContain(
    'none: coupons are issued as fast as requests come',
  );
});

test('with more coupons than users the text says how many are left', () => {
  const changes = { users: 1_000, coupons: 5_000 };
  expect(planText({ ...OPENING, ...changes }, plan(changes), COSTS)).toContain('4,000 coupons are left');
  expect(planText(OPENING, plan(), COSTS)).toContain('the last coupon is issued after');
});
