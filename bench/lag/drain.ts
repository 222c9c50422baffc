import pg from 'pg';
import pino from 'pino';
import { Registry } from 'prom-client';
import { TOPICS } from '../../src/app/event-catalogue.ts';
import { postgresStatisticsStore } from '../../src/contexts/statistics/adapters/postgres/statistics-store.ts';
import { COUNT_BATCH_MAX, onCouponEvents } from '../../src/contexts/statistics/application/on-coupon-events.ts';
import { CONSUMER } from '../../src/contexts/statistics/application/ports.ts';
import { COUPON_TOPICS } from '../../src/contexts/statistics/domain/coupon-fact.ts';
import { inProcessBus } from '../../src/platform/events/bus-in-process.ts';
import { eventCheck } from '../../src/platform/events/check.ts';
import { postgresDeadLetters } from '../../src/platform/events/dead-letters.ts';
import { INSERT_OUTBOX, type OutboxBatch, outboxValues } from '../../src/platform/events/outbox.ts';
import { createRelay } from '../../src/platform/events/relay.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { onFreshDatabase } from '../support/postgres.ts';

/**
 * What the consumers of the issuing process can do: `events` coupon.issued wait in the outbox, and the event loop is as
 * busy as in a rush. The figures depend on the code and hardly on what else the machine does.
 */
export interface DrainResult {
  readonly events: number;
  /** Events handled in each turn of the event loop. Multiplied by the turns per second it is the highest sustainable rate. */
  readonly eventsPerTurn: number;
  /** Of this process, without the simulated load. */
  readonly cpuMicrosPerEvent: number;
  /** The longest time that the relay and the consumers held the event loop. */
  readonly longestTurnMs: number;
  readonly transactions: number;
}

/** The simulated work of requests in each turn: at 512 connections a turn takes some 5 to 15 ms. */
const TURN_MS = 5;
/** Events a row: at 512 connections a batch of the issuing batcher is about half full. */
const ROW = 128;

export async function runDrain(events: number): Promise<DrainResult> {
  let result: DrainResult | undefined;
  await onFreshDatabase('drain', async (url) => {
    await fill(url, events);
    result = await drain(url, events);
  });
  if (result === undefined) throw new Error('nothing was measured');
  return result;
}

async function fill(url: string, events: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (let from = 0; from < events; from += ROW) {
    const rows = Array.from({ length: Math.min(ROW, events - from) }, (_, n) => {
      return [String(7_330_011_234_567_890n + BigInt(from + n)), String(1_000_000_000_000 + from + n), from + n + 1];
    });
    await client.query(INSERT_OUTBOX, outboxValues(7_330_011_234_000_000n + BigInt(from), [issued(rows)]));
  }
  await client.end();
}

const issued = (rows: OutboxBatch['rows']): OutboxBatch => ({
  topic: 'coupon.issued',
  source: 'coupon',
  keyField: 'couponId',
  countBy: 'policyId',
  common: {
    policyId: '7330011234560000',
    storeId: null,
    timezone: 'Asia/Seoul',
    couponCode: null,
    couponName: 'Opening day',
    discountType: 'FIXED_AMOUNT',
    discountValue: '3000',
    status: 'ISSUED',
    issuedAt: '2026-01-01T01:00:00.120Z',
    expiresAt: '2026-01-31T15:00:00.000Z',
  },
  columns: ['couponId', 'userId', 'sequenceNo'],
  rows,
});

async function drain(url: string, events: number): Promise<DrainResult> {
  const metrics = new Registry();
  const log = pino({ level: 'warn' });
  const database = openDatabase({ url, onError: () => {} });
  const deadLetters = postgresDeadLetters(database.pool);
  const bus = inProcessBus({ deadLetters, metrics, log });
  const count = onCouponEvents(postgresStatisticsStore(database.pool), () => {});
  let handled = 0;
  let transactions = 0;
  bus.subscribe(
    CONSUMER,
    COUPON_TOPICS,
    async (batch) => {
      await count(batch);
      handled += batch.length;
      transactions += 1;
    },
    COUNT_BATCH_MAX,
  );
  const relay = createRelay({ url, bus, check: eventCheck(TOPICS), deadLetters, metrics, log });
  const startedCpu = process.cpuUsage();
  let turns = 0;
  let spunMs = 0;
  let longestTurnMs = 0;
  relay.start();
  while (handled < events) {
    const before = performance.now();
    await new Promise(setImmediate);
    if (handled > 0) longestTurnMs = Math.max(longestTurnMs, performance.now() - before);
    if (handled > 0) turns += 1;
    spunMs += spin(TURN_MS);
  }
  const { user, system } = process.cpuUsage(startedCpu);
  await relay.stop();
  await bus.stop();
  await database.close();
  return {
    events,
    eventsPerTurn: events / turns,
    cpuMicrosPerEvent: (user + system - spunMs * 1_000) / events,
    longestTurnMs,
    transactions,
  };
}

/** Burns CPU. Returns the CPU time, which is less than the time that passed where others run, too. */
function spin(ms: number): number {
  const before = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1_000 >= ms) return (user + system) / 1_000;
  }
}
