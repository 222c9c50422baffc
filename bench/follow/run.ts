import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { postgresSubscriptionReader } from '../../src/contexts/store/adapters/postgres/subscription-reader.ts';
import { snowflake } from '../../src/platform/kernel/ids.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { onFreshDatabase } from '../support/postgres.ts';
import { candidates, type Follow } from './candidates.ts';

// What does it cost to follow a store that has a million followers: alone, at a fixed rate, and by as many at once as there can be? And
// what does a page of its followers cost? Straight through the API of the context, without HTTP.
const { values } = parseArgs({
  options: {
    followers: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '5' },
    rates: { type: 'string', default: '200,1000,2000' },
  },
});
const FOLLOWERS = Number(values.followers);
const SECONDS = Number(values.seconds);
const STORE = 77n;
const IN_FLIGHT = 512;
const PAGE = 5_000;
/** Users of a measurement are not those of another. */
let nextUser = BigInt(FOLLOWERS) * 2n;

const ms = (times: readonly number[]): string => {
  const sorted = times.toSorted((a, b) => a - b);
  const failed = sorted.filter((time) => !Number.isFinite(time)).length;
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms${failed === 0 ? '' : `, ${failed} failed`}`;
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** One after the other. */
async function alone(follow: Follow): Promise<string> {
  const times: number[] = [];
  for (let n = 0; n < 300; n++) times.push(await timed(() => follow(nextUser++)));
  return ms(times);
}

/** So many a second, whether the previous ones have ended or not. */
async function atRate(follow: Follow, rate: number): Promise<string> {
  const running: Promise<number>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < rate * SECONDS; n++) {
    // Due times, not calls: a late start counts as waiting.
    const dueAt = startedAt + (n * 1_000) / rate;
    while (performance.now() < dueAt) await sleep(1);
    // A caller that gets no connection in time.
    running.push(
      follow(nextUser++).then(
        () => performance.now() - dueAt,
        () => Number.POSITIVE_INFINITY,
      ),
    );
  }
  return ms(await Promise.all(running));
}

/** As many as there can be, with IN_FLIGHT at the same time. */
async function atOnce(follow: Follow): Promise<string> {
  const times: number[] = [];
  const endsAt = performance.now() + SECONDS * 1_000;
  const worker = async (): Promise<void> => {
    while (performance.now() < endsAt) times.push(await timed(() => follow(nextUser++)));
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return `${Math.round(times.length / SECONDS)} a second, ${ms(times)}`;
}

await onFreshDatabase('bench_follow', async (url) => {
  const database = openDatabase({ url, onError: () => {} });
  const nextId = snowflake(() => 1, Date.now);
  await database.pool.query(
    `insert into store.stores (id, owner_id, name, category, description, address, images, opening_hours, status, version, followers,
      created_at, updated_at)
    values ($1, 1, 'Cafe Sol', 'CAFE', repeat('x', 500), '', '{}', '[]', 'OPEN', 1, $2, now(), now())`,
    [STORE, FOLLOWERS],
  );
  // In pieces, below the limit of a statement. Ids in another order than users, as they come.
  for (let from = 0; from < FOLLOWERS; from += 50_000) {
    await database.pool.query(
      `insert into store.subscriptions (type, target_id, user_id, id)
       select 'STORE', $1, (n * 7919) % $4 + 1, n from generate_series($2::bigint, $3::bigint) as n on conflict do nothing`,
      [STORE, from, Math.min(from + 49_999, FOLLOWERS - 1), FOLLOWERS],
    );
  }
  await database.pool.query('vacuum analyze store.subscriptions');
  for (const [name, follow] of await candidates(database, nextId, STORE)) {
    await alone(follow);
    console.log(`${name}: alone ${await alone(follow)}`);
    for (const rate of values.rates.split(',').map(Number))
      console.log(`${name}: ${rate} a second ${await atRate(follow, rate)}`);
    console.log(`${name}: ${IN_FLIGHT} in flight ${await atOnce(follow)}`);
  }
  const reader = postgresSubscriptionReader(database);
  const times: number[] = [];
  let after = 0n;
  for (let page = 0; page < 200; page++) {
    times.push(
      await timed(async () => {
        const { userIds } = await reader.followersOf({ type: 'STORE', targetId: STORE }, after, PAGE);
        after = userIds.at(-1) ?? 0n;
      }),
    );
  }
  console.log(`a page of ${PAGE} followers: ${ms(times)}`);
  await database.close();
});
