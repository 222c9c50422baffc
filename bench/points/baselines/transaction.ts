import pg from 'pg';
import { type Charged, env, serve } from './serve.ts';

/**
 * (t): the usual implementation, one transaction for each request that locks the account: the same rows in the same ledger as the real system
 * writes, without the event.
 */
const max = Number(env('POOL_MAX'));
const pool = new pg.Pool({ connectionString: env('DATABASE_URL'), max, min: max, idleTimeoutMillis: 0 });
let lastId = BigInt(Date.now()) << 20n;

async function inTransaction(work: (client: pg.PoolClient) => Promise<Charged>): Promise<Charged> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const charged = await work(client);
    await client.query('commit');
    return charged;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

await serve({
  charge: (userId, amount, key) =>
    inTransaction(async (client) => {
      const run = (name: string, text: string, values: unknown[]) => client.query({ name, text, values });
      await run('account', 'insert into point.accounts (user_id) values ($1) on conflict do nothing', [userId]);
      const locked = await run('lock', 'select balance from point.accounts where user_id = $1 for no key update', [
        userId,
      ]);
      const balance = Number(locked.rows[0].balance) + amount;
      lastId += 1n;
      const id = String(lastId);
      const createdAt = new Date();
      await run(
        'transaction',
        `insert into point.transactions (id, user_id, type, amount, balance, key, content_hash, created_at)
         values ($1, $2, 'CHARGE', $3, $4, $5, 'a hash of 22 letters..', $6)`,
        [id, userId, amount, balance, key, createdAt],
      );
      await run(
        'entries',
        `insert into point.entries (transaction_id, line, account, user_id, amount)
         values ($1, 1, 'ISSUER', $2, -$3::bigint), ($1, 2, 'USER', $2, $3)`,
        [id, userId, amount],
      );
      await run(
        'lot',
        `insert into point.lots (id, user_id, amount, remaining, open, expires_at) values ($1, $2, $3, $3, true, 'infinity')`,
        [id, userId, amount],
      );
      await run('move', 'insert into point.lot_moves (transaction_id, line, lot_id, amount) values ($1, 1, $1, $2)', [
        id,
        amount,
      ]);
      await run('balance', 'update point.accounts set balance = $2 where user_id = $1', [userId, balance]);
      return { transactionId: id, balance, createdAt };
    }),
  stop: () => pool.end(),
});
