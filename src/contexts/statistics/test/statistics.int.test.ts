import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import type { Handler } from '../../../platform/events/bus.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import { type Database, openDatabase } from '../../../platform/postgres/database.ts';
import { addHours, closeHours, readHours } from '../adapters/postgres/hour-rows.ts';
import { postgresStatisticsStore } from '../adapters/postgres/statistics-store.ts';
import { onCouponEvents } from '../application/on-coupon-events.ts';
import type { StatisticsStore } from '../application/ports.ts';
import { recount, toHour } from '../application/recount.ts';
import { type Hour, NOTHING } from '../domain/hours.ts';
import { activityOf, eventOf, lineOf, type ModelFact } from './facts.ts';

let test_: TestDatabase;
let database: Database;
let store: StatisticsStore;
let consume: Handler;
beforeAll(async () => {
  test_ = await testDatabase();
  database = openDatabase({ url: test_.url, onError: () => {} });
  store = postgresStatisticsStore(database.pool);
  consume = onCouponEvents(store, () => {});
});
afterAll(async () => {
  await database.close();
  await test_.drop();
});
beforeEach(clear);

async function clear(): Promise<void> {
  await database.pool.query('truncate statistics.hourly, statistics.recounts, platform.inbox');
}
const lines = (hours: readonly Hour[]) => hours.map((hour) => lineOf({ ...hour, ...hour.counts })).sort();
const stored = async () => lines(await readHours(database.pool, {}));
const expectedOf = (facts: readonly ModelFact[]) => lines(activityOf(facts, {}).map(toHour));

/** Clocks in New York are set back at 06:00 UTC of this day. */
const BASE_MS = Date.parse('2026-11-01T03:30:00Z');
const SETTLE_MS = 5 * 60_000;

const fact: fc.Arbitrary<ModelFact> = fc
  .record({
    policy: fc.constantFrom(
      { policyId: 7n, timezone: 'Asia/Seoul' },
      { policyId: 8n, timezone: 'America/New_York' },
      { policyId: 9n, timezone: 'Asia/Kathmandu' },
    ),
    afterMs: fc.integer({ min: 0, max: 5 * HOUR_MS }),
    what: fc.constantFrom(
      { topic: 'coupon.issued' },
      { topic: 'coupon.reserved' },
      { topic: 'coupon.used' },
      { topic: 'coupon.restored' },
      { topic: 'coupon.expired' },
      { topic: 'coupon.cancelled', reason: 'RELEASED' },
      { topic: 'coupon.cancelled', reason: 'TIMEOUT' },
      { topic: 'coupon.cancelled', reason: 'PAYMENT_FAILED' },
      { topic: 'coupon.cancelled', reason: 'WITHDRAWN' },
    ),
    discount: fc.integer({ min: 0, max: 5_000 }),
  })
  .map(({ policy, afterMs, what, discount }) => ({ ...policy, ...what, discount, atMs: BASE_MS + afterMs }));

/** Every event at least once, in any order, some again and again, cut into batches anywhere. */
const facts_ = fc.array(fact, { minLength: 1, maxLength: 40 });
const deliveries = (facts: readonly ModelFact[]) =>
  fc
    .tuple(
      fc.shuffledSubarray(
        facts.flatMap((_, index) => [index, index]),
        { minLength: facts.length * 2, maxLength: facts.length * 2 },
      ),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: facts.length * 2, maxLength: facts.length * 2 }),
    )
    .map(([order, sizes]) => {
      const batches: number[][] = [];
      for (let at = 0; at < order.length; ) {
        const size = sizes[batches.length] ?? 1;
        batches.push(order.slice(at, at + size));
        at += size;
      }
      return batches;
    });
const scenario = facts_.chain((facts) => fc.record({ facts: fc.constant(facts), batches: deliveries(facts) }));
const batchOf = (facts: readonly ModelFact[], indexes: readonly number[]) =>
  indexes.flatMap((index) => {
    const found = facts[index];
    return found ? [eventOf(found, index)] : [];
  });

describe('counting events', () => {
  test('counting gives the same hours however events are split, ordered and repeated', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ facts, batches }) => {
        await clear();
        for (const indexes of batches) await consume(batchOf(facts, indexes));
        expect(await stored()).toEqual(expectedOf(facts));
      }),
      { numRuns: 25 },
    );
  });

  test('counting gives the same hours when several consumers get the same events at once', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ facts, batches }) => {
        await clear();
        const half = Math.ceil(batches.length / 2);
        const work = async (part: readonly (readonly number[])[]) => {
          for (const indexes of part) await consume(batchOf(facts, indexes));
        };
        await Promise.all([work(batches.slice(0, half)), work(batches.slice(half)), work(batches)]);
        expect(await stored()).toEqual(expectedOf(facts));
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    ['without its policy', 'policyId', undefined],
    ['without a time zone', 'timezone', undefined],
    ['in a zone that does not exist', 'timezone', 'Asia/Atlantis'],
    ['of no moment', 'issuedAt', 'yesterday'],
  ])('counting refuses an event %s, and counts nothing of its batch', async (_, field, value) => {
    const [good, bad] = [0, 1].map((index) =>
      eventOf({ policyId: 7n, timezone: 'Asia/Seoul', atMs: BASE_MS, topic: 'coupon.issued', discount: 0 }, index),
    );
    if (!good || !bad) throw new Error('no events');
    const broken = { ...bad, event: { ...bad.event, data: { ...bad.event.data, [field]: value } } };
    await expect(consume([good, broken])).rejects.toThrow();
    expect(await stored()).toEqual([]);
    await consume([good]);
    expect(await stored()).toHaveLength(1);
  });
});

/** A recount at `nowMs`, when the coupons show what happened until `seenUntilMs`. */
const recountAt = (facts: readonly ModelFact[], nowMs: number, seenUntilMs = nowMs) => {
  const committed = facts.filter(({ atMs }) => atMs <= seenUntilMs);
  const coupon = {
    countActivity: async (request: Parameters<typeof activityOf>[1]) => ({
      activity: activityOf(committed, request),
    }),
  };
  return recount({ coupon, store, now: () => nowMs })(new AbortController().signal);
};
const LATER_MS = BASE_MS + 12 * HOUR_MS;

describe('a recount', () => {
  beforeEach(() => store.setRecountedUntilMs(BASE_MS - HOUR_MS));

  test('a recount at any time changes nothing of the outcome while events are on their way', async () => {
    const withRecounts = scenario.chain(({ facts, batches }) =>
      fc.record({
        facts: fc.constant(facts),
        steps: fc.tuple(
          ...batches.map((indexes) =>
            fc.record({
              indexes: fc.constant(indexes),
              recountAfterMs: fc.option(fc.integer({ min: 0, max: 8 * HOUR_MS }), { freq: 2 }),
              lateMs: fc.integer({ min: 0, max: SETTLE_MS - 1 }),
            }),
          ),
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(withRecounts, async ({ facts, steps }) => {
        await clear();
        await store.setRecountedUntilMs(BASE_MS - HOUR_MS);
        // An event is delivered after its fact, so no recount is made before what was delivered.
        let nowMs = BASE_MS;
        for (const { indexes, recountAfterMs, lateMs } of steps) {
          if (recountAfterMs !== null) {
            nowMs = Math.max(nowMs, BASE_MS + recountAfterMs);
            await recountAt(facts, nowMs, nowMs - lateMs);
          }
          const batch = batchOf(facts, indexes);
          nowMs = Math.max(nowMs, ...indexes.map((index) => facts[index]?.atMs ?? 0));
          await consume(batch);
        }
        expect(await stored()).toEqual(expectedOf(facts));
      }),
      { numRuns: 40 },
    );
  });

  test('a recount that is concurrent with consumers changes nothing of the outcome', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ facts, batches }) => {
        await clear();
        await store.setRecountedUntilMs(BASE_MS - HOUR_MS);
        const consumeAll = async () => {
          for (const indexes of batches) await consume(batchOf(facts, indexes));
        };
        await Promise.all([consumeAll(), recountAt(facts, LATER_MS), recountAt(facts, LATER_MS)]);
        expect(await stored()).toEqual(expectedOf(facts));
      }),
      { numRuns: 20 },
    );
  });

  const issued = (atMs: number): ModelFact => ({
    policyId: 7n,
    timezone: 'Asia/Seoul',
    atMs,
    topic: 'coupon.issued',
    discount: 0,
  });
  const threeOfAnHour = [0, 1, 2].map((minute) => issued(BASE_MS + minute * 60_000));
  const [hour] = activityOf(threeOfAnHour, {}).map(toHour);
  if (!hour) throw new Error('the model counts nothing');
  const one: Hour = { ...hour, counts: { ...NOTHING, issued: 1n } };

  /** While `first` is not committed, `second` begins; it ends after that commit. */
  async function while_(first: (client: pg.PoolClient) => Promise<void>, second: () => Promise<unknown>) {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      await first(client);
      const after = second();
      await sleep(50);
      await client.query('commit');
      await after;
    } finally {
      client.release();
    }
  }

  test('a recount that waits for a consumer replaces what the consumer added', async () => {
    await while_(
      (client) => addHours(client, [one]),
      () => store.replace(BASE_MS - HOUR_MS, LATER_MS, [hour]),
    );
    expect(await stored()).toEqual(lines([hour]));
  });

  test('a consumer that waits for a recount has nothing to add', async () => {
    await while_(
      (client) => closeHours(client, [hour]),
      () => consume([eventOf(threeOfAnHour[0] ?? issued(0), 0)]),
    );
    expect(await stored()).toEqual(lines([hour]));
  });

  test('a recount adds events that were lost, and reports how many hours were different', async () => {
    const facts = [...threeOfAnHour, issued(BASE_MS + 2 * HOUR_MS)];
    await consume([eventOf(threeOfAnHour[0] ?? issued(0), 0)]);
    expect(await recountAt(facts, LATER_MS)).toBe(2);
    expect(await stored()).toEqual(expectedOf(facts));
    expect(await recountAt(facts, LATER_MS)).toBe(0);
  });

  test('a recount removes what never happened', async () => {
    await consume([eventOf(threeOfAnHour[0] ?? issued(0), 0)]);
    expect(await recountAt([], LATER_MS)).toBe(1);
    expect((await readHours(database.pool, {})).map(({ counts }) => counts)).toEqual([NOTHING]);
  });

  test('a recount does not change an hour that is not over, or ended a moment ago', async () => {
    await consume(threeOfAnHour.map(eventOf));
    // In Seoul the hour of 03:30 UTC ends at 04:00.
    const endMs = BASE_MS + HOUR_MS / 2;
    expect(await recountAt([], endMs + SETTLE_MS)).toBe(0);
    expect(await stored()).toEqual(expectedOf(threeOfAnHour));
    expect(await recountAt([], endMs + SETTLE_MS + 1)).toBe(1);
  });

  test('a recount counts an hour completely that lies across two of its parts', async () => {
    const facts = [0, 10, 20, 30, 40, 50].map((minute) => issued(BASE_MS + minute * 60_000));
    for (const minutes of [31, 44, 59, 75]) {
      await clear();
      // The window of a day ends somewhere within the facts' hours.
      await store.setRecountedUntilMs(BASE_MS + minutes * 60_000 - 72 * HOUR_MS);
      await recountAt(facts, BASE_MS + 3 * HOUR_MS);
      expect(await stored()).toEqual(expectedOf(facts));
    }
  });

  test('a recount begins where the last one ended, however long ago that was', async () => {
    const old = issued(BASE_MS - 30 * 24 * HOUR_MS);
    await store.setRecountedUntilMs(old.atMs - HOUR_MS);
    expect(await recountAt([old], BASE_MS)).toBe(1);
    await clear();
    await store.setRecountedUntilMs(BASE_MS - HOUR_MS);
    expect(await recountAt([old], BASE_MS)).toBe(0);
  });

  test('the first recount begins with the first possible coupon', async () => {
    const facts = ['2024-01-01T00:00:00Z', '2024-05-03T12:00:00Z', '2024-05-04T12:00:00Z', '2026-10-31T01:00:00Z'];
    await clear();
    expect(
      await recountAt(
        facts.map((at) => issued(Date.parse(at))),
        BASE_MS,
      ),
    ).toBe(4);
    expect(await stored()).toEqual(expectedOf(facts.map((at) => issued(Date.parse(at)))));
  });

  test('a recount includes the last two days again', async () => {
    const late = issued(BASE_MS - 40 * HOUR_MS);
    await store.setRecountedUntilMs(BASE_MS - HOUR_MS);
    expect(await recountAt([late], BASE_MS)).toBe(1);
  });

  test('a recount that is aborted ends between two days, and the next one continues there', async () => {
    const old = issued(BASE_MS - 5 * 24 * HOUR_MS);
    const stopping = new AbortController();
    const coupon = {
      countActivity: async (request: Parameters<typeof activityOf>[1]) => {
        stopping.abort();
        return { activity: activityOf([old], request) };
      },
    };
    const beginMs = old.atMs - 2 * 24 * HOUR_MS;
    await store.setRecountedUntilMs(beginMs);
    expect(await recount({ coupon, store, now: () => BASE_MS })(stopping.signal)).toBe(0);
    expect(await store.recountedUntilMs()).toBe(beginMs + 24 * HOUR_MS);
    expect(await recountAt([old], BASE_MS)).toBe(1);
  });
});
