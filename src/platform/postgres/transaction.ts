import type pg from 'pg';
import { RolledBack } from './failures.ts';
import { BEGIN } from './group-transaction.ts';

/**
 * Runs `work` in a READ COMMITTED transaction of its own on one connection. What it throws rolls back and is thrown on.
 * Throws RolledBack when COMMIT answers ROLLBACK: that is how a failed transaction ends, without an error.
 */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(BEGIN);
    const result = await work(client);
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new RolledBack(`COMMIT answered ${command}`);
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
