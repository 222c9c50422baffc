import type pg from 'pg';
import { createBatcher } from '../../platform/batching/batcher.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';

/** The part of a pool that rate-limiter-flexible uses. */
export interface LimitCounters {
  query(query: pg.QueryConfig): Promise<Pick<pg.QueryResult, 'rows'>>;
}

/** How the limiter names its counting of one request; its values are these, and it reads `points` and `expire` of one row. */
const COUNTING = /:rlflx-upsert$/;
type Counting = readonly [key: string, points: number, expire: number, nowMs: number];
interface Counter {
  readonly points: number;
  readonly expire: number;
}

// Sorted, so that two nodes never wait for each other.
const COUNT = `
  insert into platform.rate_limits as c (key, points, expire)
  select * from unnest($1::text[], $2::int[], $3::float8[]) as new(key, points, expire) order by key
  on conflict (key) do update set
    points = case when c.expire <= $4 then excluded.points else c.points + excluded.points end,
    expire = case when c.expire <= $4 then excluded.expire else c.expire end
  returning key, points, expire`;

const GROUP_MAX = 1_024;

/**
 * Counts requests in batches: a statement and a commit for each request would cost more than most requests do. Other queries of the
 * limiter are sent directly.
 */
export function limitCounters(pool: Pick<pg.Pool, 'query'>, giveUpAfterMs: number): LimitCounters {
  const batcher = createBatcher<Counting, Counter>({
    name: 'edge.limits',
    execute: (group) => count(pool, group),
    classify: classifyFailure,
    batchMax: GROUP_MAX,
    giveUpAfterMs,
  });
  return {
    query: async (query) =>
      COUNTING.test(query.name ?? '')
        ? { rows: [await batcher.submit(query.values as unknown as Counting)] }
        : await pool.query(query),
  };
}

async function count(pool: Pick<pg.Pool, 'query'>, group: readonly Counting[]): Promise<readonly Counter[]> {
  const sums = new Map<string, { points: number; expire: number }>();
  let nowMs = 0;
  for (const [key, points, expire, askedMs] of group) {
    sums.set(key, { points: (sums.get(key)?.points ?? 0) + points, expire });
    nowMs = Math.max(nowMs, askedMs);
  }
  const counted = [...sums.values()];
  const values = [[...sums.keys()], counted.map(({ points }) => points), counted.map(({ expire }) => expire), nowMs];
  const { rows } = await pool.query<Counter & { key: string }>({ name: 'limits-count', text: COUNT, values });
  // Each sees those before it in the group, as if they had been counted one by one.
  const before = new Map(
    rows.map(({ key, points, expire }) => [key, { points: points - pointsOf(sums, key), expire }]),
  );
  return group.map(([key, points]) => {
    const { points: soFar, expire } = before.get(key) ?? { points: 0, expire: 0 };
    const counter = { points: soFar + points, expire };
    before.set(key, counter);
    return counter;
  });
}

const pointsOf = (sums: ReadonlyMap<string, { readonly points: number }>, key: string): number =>
  sums.get(key)?.points ?? 0;
