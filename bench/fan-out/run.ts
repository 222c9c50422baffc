import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { onFreshDatabase } from '../support/postgres.ts';
import { ratioOf } from '../support/statistics.ts';
import { pull } from './pull.ts';
import { openSystem, STORE, type System } from './system.ts';

// What does it cost to tell a million followers of a store: alone, and beside coupons that are issued as fast as possible? And what would
// it cost to store one row for all of them, which each merges into the inbox at reading?
const { values } = parseArgs({
  options: {
    followers: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    pull: { type: 'boolean', default: false },
  },
});
const FOLLOWERS = Number(values.followers);
const SECONDS = Number(values.seconds);
const say = (text: string): void => console.log(text);
const thousands = (n: number): string => Math.round(n).toLocaleString('en');

await onFreshDatabase('bench_fan_out', async (url) => {
  const system = openSystem(url);
  const { pool } = system.database;
  await pool.query(
    `insert into store.stores (id, owner_id, name, category, description, address, images, opening_hours, status, version, followers,
      created_at, updated_at) values ($1, 1, 'Cafe Sol', 'CAFE', '', '', '{}', '[]', 'OPEN', 1, $2, now(), now())`,
    [STORE, FOLLOWERS],
  );
  for (let from = 1; from <= FOLLOWERS; from += 50_000) {
    await pool.query(
      `insert into store.subscriptions (type, target_id, user_id, id)
       select 'STORE', $1, n, n from generate_series($2::bigint, $3::bigint) as n`,
      [STORE, from, Math.min(from + 49_999, FOLLOWERS)],
    );
  }
  await pool.query('vacuum analyze store.subscriptions');
  if (values.pull) await pull(pool, say);
  await alone(system, 'a first notice, with new inboxes');
  await alone(system, 'a second notice');
  const [without, beside]: [number[], number[]] = [[], []];
  for (let round = 1; round <= Number(values.rounds); round++) {
    without.push(await system.issueFor(SECONDS));
    const jobId = await system.announce();
    await sleep(200);
    const before = await system.progress(jobId);
    const issued = await system.issueFor(SECONDS);
    const after = await system.progress(jobId);
    if (after.isDone) say('the job ended before the load: take more followers or fewer seconds');
    beside.push(issued);
    const rate = (after.written - before.written) / SECONDS;
    say(
      `round ${round}: ${thousands(without.at(-1) ?? 0)} issued/s alone, ${thousands(issued)} beside ${thousands(rate)} notices/s`,
    );
    while (!(await system.progress(jobId)).isDone) await sleep(200);
  }
  const ratio = ratioOf(beside, without);
  say(`issuing beside / alone: ${ratio?.median.toFixed(2)} (${ratio?.min.toFixed(2)} to ${ratio?.max.toFixed(2)})`);
  await system.stop();
});

async function alone({ database: { pool }, announce, progress }: System, name: string): Promise<void> {
  const size = async () => {
    const { rows } = await pool.query<{ bytes: bigint; wal: bigint }>(
      `select (pg_total_relation_size('notification.notices') + pg_total_relation_size('notification.inboxes')
         + pg_total_relation_size('notification.delivery_batches')) as bytes,
         (pg_current_wal_insert_lsn() - '0/0')::bigint as wal`,
    );
    return rows[0] ?? { bytes: 0n, wal: 0n };
  };
  const before = await size();
  const startedAt = performance.now();
  const jobId = await announce();
  while (!(await progress(jobId)).isDone) await sleep(100);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { written } = await progress(jobId);
  const after = await size();
  const mb = (bytes: bigint) => `${Math.round(Number(bytes) / 1e6)} MB`;
  say(
    `${name}: ${thousands(written)} notices in ${seconds.toFixed(1)} s, ${thousands(written / seconds)} a second; ` +
      `${mb(after.bytes - before.bytes)} of tables, ${mb(after.wal - before.wal)} of WAL`,
  );
}
