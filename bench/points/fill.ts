import { asAdmin } from '../support/postgres.ts';

const USER_LOTS = 25;
const PER_USER = 2 * USER_LOTS;

/**
 * A ledger of so many entries: each user charged and used in turn, every second lot spent; user 1 has 100,000 open lots on top.
 * Returns the number of users.
 */
export async function fillLedger(url: string, entries: number): Promise<number> {
  const users = Math.max(1, Math.round(entries / 2 / PER_USER));
  const transactions = users * PER_USER;
  // Transaction n is of user n % users; the n-th round of all users charges when it is even, and uses what that charged, when
  // it is odd, of every second lot.
  const rounds = `select n, (n % ${users}) + 1 as user_id, n / ${users} as round from generate_series(0, ${transactions - 1}) as n`;
  await asAdmin(url, async (client) => {
    await client.query(`insert into point.transactions (id, user_id, type, amount, balance, key, content_hash, created_at)
      select n + 1, user_id, case when round % 2 = 0 then 'CHARGE' else 'USE' end, case when round % 2 = 0 then 10 else -5 end, 5,
        'key:charge u' || user_id || ' k' || n, 'a hash of 22 letters..', now() from (${rounds}) as t`);
    await client.query(`insert into point.entries (transaction_id, line, account, user_id, amount)
      select n + 1, line, case line when 1 then 'ISSUER' else 'USER' end, user_id,
        (case when round % 2 = 0 then 10 else -5 end) * (case line when 1 then -1 else 1 end)
      from (${rounds}) as t, generate_series(1, 2) as line`);
    await client.query(`insert into point.lots (id, user_id, amount, remaining, open, available_at, expires_at)
      select n + 1, user_id, 10, 5, true, case when round % 10 = 0 then now() + interval '1 day' end,
        now() + (round + 1) * interval '1 day' from (${rounds}) as t where round % 2 = 0`);
    await client.query(`insert into point.lots (id, user_id, amount, remaining, open, available_at, expires_at)
      select ${transactions} + n, 1, 10, 10, true, null, 'infinity' from generate_series(1, 100000) as n`);
    await client.query(`insert into point.accounts (user_id, balance)
      select user_id, sum(remaining) from point.lots group by user_id`);
    await client.query('vacuum analyze point.transactions, point.entries, point.lots, point.accounts');
    await client.query('checkpoint');
  });
  return users;
}
