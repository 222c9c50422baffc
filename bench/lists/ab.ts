/**
 * How long does it take to show a user their coupons? Fills a database (10,000,000 coupons by default; 500 users have 1,000
 * each) and asks for those users' lists in turn, 4 at once, through the context's own operations. Exit code 1: a list took
 * longer than 20 ms at p95.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { migrationFolders } from '../../src/app/migrations.ts';
import type {} from 'node:fs';
import { postgresCouponReader } from '../../src/contexts/coupon/adapters/postgres/coupon-reader.ts';
import { getUserStatistics } from '../../src/contexts/coupon/application/get-user-statistics.ts';
import { listExpiringCoupons } from '../../src/contexts/coupon/application/list-expiring-coupons.ts';
import { listUserCoupons } from '../../src/contexts/coupon/application/read-coupons.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { asAdmin } from '../issue/ground.ts';
import { fill, HEAVY_USERS } from './fill.ts';

const TARGET_P95_MS = 20;
const AT_ONCE = 4;
const { values } = parseArgs({
  options: { coupons: { type: 'string', default: '3000000' }, asks: { type: 'string', default: '2000' } },
});
const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);

const dataDir = await mkdtemp(join(tmpdir(), 'stampede-bench-'));
const postgres = await startEmbedded({
  dataDir,
  passwords: { superuser: 'superuser-of-the-bench', application: 'application-of-the-bench' },
  onEvent: (message) => console.error(message),
  onFatal: (error) => {
    throw error;
  },
});
try {
  await asAdmin(postgres.url, (client) => client.query('create database bench_lists'));
  const url = postgres.url.replace(/\/[^/?]*(\?|$)/, '/bench_lists$1');
  await migrate(url, migrationFolders());
  say(`filling with ${values.coupons} coupons`);
  await asAdmin(url, (client) => fill(client, Number(values.coupons), say));
  await ab(url);
} finally {
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}


async function ab(url: string): Promise<void> {
  const database = openDatabase({ url, onError: () => {} });
  const pool = database.pool;
  const old = `select i.*, p.name from (select * from coupon.coupon_issues i where i.user_id = $1 and ($2::bigint is null or i.id < $2) order by i.id desc limit 21) i join coupon.coupon_policies p on p.id = i.policy_id order by i.id desc`;
  const oldA = `select i.*, p.name from (select * from coupon.coupon_issues i where i.user_id = $1 and ($2::bigint is null or i.id < $2) and status = 'ISSUED' and expires_at > now() order by i.id desc limit 21) i join coupon.coupon_policies p on p.id = i.policy_id order by i.id desc`;
  const neu = `select i.*, p.name from (select id from coupon.coupon_issues i where i.user_id = $1 and ($2::bigint is null or i.id < $2) order by i.id desc limit 21) x join coupon.coupon_issues i on i.id = x.id join coupon.coupon_policies p on p.id = i.policy_id order by i.id desc`;
  const neuA = `select i.*, p.name from (select id from coupon.coupon_issues i where i.user_id = $1 and ($2::bigint is null or i.id < $2) and status = 'ISSUED' and expires_at > now() order by i.id desc limit 21) x join coupon.coupon_issues i on i.id = x.id join coupon.coupon_policies p on p.id = i.policy_id order by i.id desc`;
  const exp = `select i.id from coupon.coupon_issues i where i.user_id = $1 and $2::bigint is null and status = 'ISSUED' and expires_at > now() and expires_at < now() + interval '7 days' order by expires_at, id limit 10`;
  const stats = `select count(*) filter (where status <> 'CANCELLED'), sum(discount_amount) filter (where status = 'USED'), count(*) filter (where expires_at > now()) from coupon.coupon_issues i where i.user_id = $1 and $2::bigint is null`;
  const run = async (label: string, q: string) => {
    const took = await time((u) => pool.query(q, [u, null]), 600);
    console.log(label.padEnd(20), (took[300] ?? 0).toFixed(2), (took[570] ?? 0).toFixed(2));
  };
  const insert = async (label: string) => {
    for (let r = 0; r < 3; r++) {
      const t = performance.now();
      const c = await pool.connect();
      await c.query('begin');
      const { rows } = await c.query(`explain (analyze, wal) insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at) select 900000000000000 + n, 5, (n::bigint * 7919) % 5000000 + 1000, 100000 + n, 0, now(), now() + interval '30 days' from generate_series(1, 60000) n`);
      await c.query('rollback');
      c.release();
      console.log('insert', label, (performance.now() - t).toFixed(0), rows.map((x: Record<string, string>) => x['QUERY PLAN']).filter((x: string | undefined) => /WAL|Execution/.test(x ?? '')).join(' '));
    }
  };
  await asAdmin(url, (c) => c.query('alter table coupon.coupon_issues set logged'));
  for (let round = 0; round < 2; round++) {
    await run('select 1', 'select $1::bigint, $2::bigint');
    await run('old all', old); await run('old available', oldA); await run('old expiring', exp); await run('old stats', stats);
    await insert('old');
    await pool.query('set maintenance_work_mem = 1000000');
    await asAdmin(url, async (c) => { await c.query(`set maintenance_work_mem='1GB'`); await c.query('create index neu on coupon.coupon_issues (user_id, id, status, expires_at, discount_amount)'); await c.query('vacuum analyze coupon.coupon_issues'); });
    await run('select 1', 'select $1::bigint, $2::bigint');
    await run('new all', neu); await run('new available', neuA); await run('new expiring', exp); await run('new stats', stats);
    const { rows } = await pool.query('explain (analyze, buffers) ' + stats.replace('$1', '17').replace('$2', 'null'));
    console.log(rows.map((r: Record<string, string>) => r['QUERY PLAN']).slice(0, 6).join('\n'));
    await insert('new');
    await asAdmin(url, (c) => c.query('drop index coupon.neu'));
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
