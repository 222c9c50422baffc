import type pg from 'pg';
import { BEGIN } from './batch-transaction.ts';
import { RolledBack } from './failures.ts';

/**
 * Runs `work` in a READ COMMITTED transaction of its own on one connection. When it throws, the transaction is rolled back and the
 * error is rethrown.
 * Throws RolledBack when COMMIT returns the tag ROLLBACK: so a failed transaction ends, without an error.
 */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(BEGIN);
    const result = await work(client);
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new RolledBack(`COMMIT returned the tag ${command}`);
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
