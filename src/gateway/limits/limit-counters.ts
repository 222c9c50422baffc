import type pg from 'pg';
import { createBatcher } from '../../platform/batching/batcher.ts';
import { withTimeout } from '../../platform/kernel/timeout.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';

/** A counter of one key and its window. */
export interface Counter {
  readonly points: number;
  /** The end of the window, in ms since the Unix epoch. */
  readonly expire: number;
}

/** One request to count. */
export interface Counting extends Counter {
  readonly key: string;
  /** Counters whose window ends at or before this time start a new window, with the `expire` of this request. */
  readonly nowMs: number;
}

/** A slow store must not delay requests: after this long the node counts by itself. */
export const STORE_TIMEOUT_MS = 300;

/** The counters of all rate limits, in PostgreSQL. All methods reject when PostgreSQL does not respond in time. */
export interface LimitCounters {
  /** Adds points to a counter and returns it. */
  count(counting: Counting): Promise<Counter>;
  /** Returns a counter whose window has not ended, and null where there is none. */
  read(key: string, nowMs: number): Promise<Counter | null>;
  /** Overwrites a counter. */
  set(key: string, counter: Counter): Promise<void>;
}

// Sorted, so that two nodes never wait for each other.
const COUNT = `
  insert into platform.rate_limits as c (key, points, expire)
  select * from unnest($1::text[], $2::int[], $3::float8[]) as new(key, points, expire) order by key
  on conflict (key) do update set
    points = case when c.expire <= $4 then excluded.points else c.points + excluded.points end,
    expire = case when c.expire <= $4 then excluded.expire else c.expire end
  returning key, points, expire`;
const READ = 'select points, expire from platform.rate_limits where key = $1 and expire > $2';
const SET = `
  insert into platform.rate_limits (key, points, expire) values ($1, $2, $3)
  on conflict (key) do update set points = excluded.points, expire = excluded.expire`;

const BATCH_MAX = 1_024;

/** Counts requests in batches: a statement and a commit for each request would cost more than most requests do. */
export function limitCounters(pool: Pick<pg.Pool, 'query'>, timeoutMs: number): LimitCounters {
  const batcher = createBatcher<Counting, Counter>({
    name: 'edge.limits',
    execute: (batch) => count(pool, batch),
    classify: classifyFailure,
    batchMax: BATCH_MAX,
    giveUpAfterMs: timeoutMs,
  });
  const inTime = <T>(work: Promise<T>): Promise<T> =>
    withTimeout(work, timeoutMs, () => new Error('the store of rate limits timed out'));
  return {
    count: (counting) => inTime(batcher.submit(counting)),
    async read(key, nowMs) {
      const reading = pool.query<Counter>({ name: 'limits-read', text: READ, values: [key, nowMs] });
      return (await inTime(reading)).rows[0] ?? null;
    },
    async set(key, { points, expire }) {
      await inTime(pool.query({ name: 'limits-set', text: SET, values: [key, points, expire] }));
    },
  };
}

async function count(pool: Pick<pg.Pool, 'query'>, batch: readonly Counting[]): Promise<readonly Counter[]> {
  const sums = new Map<string, Counter>();
  let latestMs = 0;
  for (const { key, points, expire, nowMs } of batch) {
    sums.set(key, { points: (sums.get(key)?.points ?? 0) + points, expire });
    latestMs = Math.max(latestMs, nowMs);
  }
  const counted = [...sums.values()];
  const values = [[...sums.keys()], counted.map(({ points }) => points), counted.map(({ expire }) => expire), latestMs];
  const { rows } = await pool.query<Counter & { key: string }>({ name: 'limits-count', text: COUNT, values });
  // Each request gets the counter after those before it in the batch, as if they had been counted one by one.
  const before = new Map(
    rows.map(({ key, points, expire }) => [key, { points: points - (sums.get(key)?.points ?? 0), expire }]),
  );
  return batch.map(({ key, points }) => {
    const { points: soFar, expire } = before.get(key) ?? { points: 0, expire: 0 };
    const counter = { points: soFar + points, expire };
    before.set(key, counter);
    return counter;
  });
}
