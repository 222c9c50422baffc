import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { INSERT_OUTBOX, type OutboxBatch, outboxValues } from '../../src/platform/events/outbox.ts';
import type { KafkaStand } from './kafka-stand.ts';

export const WRITERS = 6;
const EVENTS_A_ROW = 15;
/** A transaction stays open for up to so long after its row is written, so that later ones commit before it. */
const LATE_MS = 60;
const ROLLBACKS = 0.1;

/** What was committed to the outbox. Each writer has a key of its own, whose events are numbered from 1. */
export interface Written {
  /** Begins every key. */
  readonly name: string;
  readonly counts: ReadonlyMap<string, number>;
  /** `<key>-<n>` of those that no consumer can handle. */
  readonly poison: readonly string[];
}

export interface Traffic {
  readonly name: string;
  /** Ends it. */
  stop(): Promise<Written>;
}

let lastId = 0n;
const nextId = (): bigint => ++lastId;

/** Writes events until it is stopped, in transactions that commit out of order, and sometimes not at all. */
export function startTraffic({ pool, relay }: KafkaStand, poisonMax: number): Traffic {
  const name = randomBytes(4).toString('hex');
  const counts = new Map<string, number>();
  const poison: string[] = [];
  let stopped = false;

  async function writer(key: string): Promise<void> {
    for (let rows = 0; !stopped; rows++) {
      const first = (counts.get(key) ?? 0) + 1;
      const numbers = Array.from({ length: EVENTS_A_ROW }, (_, i) => first + i);
      const bad = key === `${name}-0` && rows % 20 === 10 && poison.length < poisonMax ? first + 7 : undefined;
      if (!(await write(pool, outboxValues(nextId(), [batchOf(key, numbers, bad)])))) continue;
      relay.notify();
      counts.set(key, first + EVENTS_A_ROW - 1);
      if (bad !== undefined) poison.push(`${key}-${bad}`);
    }
  }

  const writers = Array.from({ length: WRITERS }, (_, i) => writer(`${name}-${i}`));
  return {
    name,
    async stop() {
      stopped = true;
      await Promise.all(writers);
      return { name, counts, poison };
    },
  };
}

/** Returns whether it was committed. */
async function write(pool: pg.Pool, values: ReturnType<typeof outboxValues>): Promise<boolean> {
  const commits = Math.random() >= ROLLBACKS;
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(INSERT_OUTBOX, values);
    await sleep(Math.random() * LATE_MS);
    await client.query(commits ? 'commit' : 'rollback');
  } finally {
    client.release();
  }
  return commits;
}

const batchOf = (key: string, numbers: readonly number[], bad: number | undefined): OutboxBatch => ({
  topic: 'coupon.issued',
  source: 'coupon',
  keyField: 'policyId',
  common: { policyId: key },
  columns: ['n', 'poison'],
  rows: numbers.map((n) => [n, n === bad]),
});
