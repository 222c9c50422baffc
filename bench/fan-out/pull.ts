import type pg from 'pg';

const STORES = 200;
const OPENINGS = 50;
const READER = 2_000_000_000n;
const READS = 300;

const OWN = 'select * from notification.notices where user_id = $1 order by number desc limit 20';
/** The latest openings of each store that the user follows, merged with the inbox. */
const MERGED = `
  select * from (
    (select id, kind, subject, created_at from notification.notices where user_id = $1 order by number desc limit 20)
    union all
    select o.id, 'STORE_COUPON_OPENED', o.policy_id::text, o.created_at
    from store.subscriptions as s cross join lateral (
      select * from public.openings as o where o.store_id = s.target_id and o.id > s.id order by o.id desc limit 20) as o
    where s.user_id = $1 and s.type = 'STORE'
  ) as all_notices order by created_at desc limit 20`;

/** What a page of an inbox costs where an opening is one row for all followers, for readers of 0, 20 and 200 stores. */
export async function pull(pool: pg.Pool, say: (text: string) => void): Promise<void> {
  await pool.query(`
    create table public.openings (id bigint, store_id bigint, policy_id bigint, created_at timestamptz, primary key (store_id, id))`);
  await pool.query(
    `insert into public.openings select s * 1000 + n + 1000000, s, n, now() - n * interval '1 hour'
     from generate_series(1, ${STORES}) as s, generate_series(1, ${OPENINGS}) as n`,
  );
  for (const followed of [0, 20, STORES]) {
    await pool.query(
      `insert into store.subscriptions (type, target_id, user_id, id) select 'STORE', s, $1, s from generate_series(1, $2::int) as s`,
      [READER + BigInt(followed), followed],
    );
  }
  await pool.query('vacuum analyze public.openings');
  for (const [name, text] of [
    ['own', OWN],
    ['merged', MERGED],
  ] as const) {
    for (const followed of [0, 20, STORES]) {
      const times: number[] = [];
      for (let n = 0; n < READS; n++) {
        const startedAt = performance.now();
        await pool.query({ name: `pull-${name}`, text, values: [READER + BigInt(followed)] });
        times.push(performance.now() - startedAt);
      }
      times.sort((a, b) => a - b);
      const at = (share: number) => (times[Math.floor(READS * share)] ?? 0).toFixed(2);
      say(`page of an inbox, ${name}, ${followed} stores followed: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
    }
  }
  await pool.query(`delete from store.subscriptions where user_id >= $1`, [READER]);
}
