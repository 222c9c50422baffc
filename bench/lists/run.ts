/**
 * How long does it take to show a user their coupons? Fills a database (10,000,000 coupons by default; 500 users have 1,000
 * each) and asks for those users' lists in turn, 2 at once, through the context's own operations. Exit code 1: a list took
 * longer than 20 ms at p95.
 */
import { parseArgs } from 'node:util';
import { postgresCouponReader } from '../../src/contexts/coupon/adapters/postgres/queries/coupon-reader.ts';
import { getUserStatistics } from '../../src/contexts/coupon/application/queries/get-user-statistics.ts';
import { listExpiringCoupons } from '../../src/contexts/coupon/application/queries/list-expiring-coupons.ts';
import { listUserCoupons } from '../../src/contexts/coupon/application/queries/read-coupons.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { asAdmin, onFreshDatabase } from '../support/postgres.ts';
import { fill, HEAVY_USERS } from './fill.ts';

const TARGET_P95_MS = 20;
const AT_ONCE = 2;
const { values } = parseArgs({
  options: { coupons: { type: 'string', default: '10000000' }, asks: { type: 'string', default: '2000' } },
});
const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);

await onFreshDatabase('bench_lists', async (url) => {
  say(`filling with ${values.coupons} coupons`);
  await asAdmin(url, (client) => fill(client, Number(values.coupons), say));
  await measure(url);
});

async function measure(url: string): Promise<void> {
  const database = openDatabase({ url, onError: () => {} });
  const reader = postgresCouponReader(database);
  const list = listUserCoupons(reader, Date.now);
  const page = { limit: 20, cursor: '' };
  const nothing = async (): Promise<unknown> => await database.pool.query('select 1');
  const asks: Readonly<Record<string, (userId: bigint) => Promise<unknown>>> = {
    // The time of the machine and of a round trip to PostgreSQL alone.
    'select 1': nothing,
    'all, first page': (userId) => list({ userId, page, filters: [] }),
    'all, a page of 100': (userId) => list({ userId, page: { limit: 100, cursor: '' }, filters: [] }),
    AVAILABLE: (userId) => list({ userId, page, filters: ['AVAILABLE'] }),
    'USED, second page': async (userId) => {
      const { nextCursor = '' } = await list({ userId, page, filters: ['USED'] });
      return list({ userId, page: { limit: 20, cursor: nextCursor }, filters: ['USED'] });
    },
    'expiring within 7 days': (userId) => listExpiringCoupons(reader, Date.now)({ userId, days: 7, limit: 10 }),
    statistics: (userId) => getUserStatistics(reader, Date.now)({ userId }),
  };
  console.log(`\n${'ms'.padEnd(24)}      p50      p95      max`);
  for (const [name, ask] of Object.entries(asks)) {
    const took = await time(ask, Number(values.asks));
    const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
    const shown = [at(0.5), at(0.95), at(1)].map((ms) => ms.toFixed(2).padStart(8)).join(' ');
    console.log(`${name.padEnd(24)} ${shown}`);
    if (at(0.95) > TARGET_P95_MS) process.exitCode = 1;
  }
  await database.close();
}

/** Sorted times in ms. Every heavy user in turn: what the one before read does not help the next. */
async function time(ask: (userId: bigint) => Promise<unknown>, count: number): Promise<number[]> {
  const took: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const userId = BigInt((next++ % HEAVY_USERS) + 1);
      const startedAt = performance.now();
      await ask(userId);
      took.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return took.sort((a, b) => a - b);
}
