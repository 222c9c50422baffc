import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';

export interface Transaction {
  readonly db: NodePgDatabase;
  /** For SQL of the platform, such as the outbox's. */
  readonly client: pg.PoolClient;
}

/** Runs `work` in one transaction (READ COMMITTED); what it throws rolls all back and is thrown on. */
export async function inTransaction<T>(pool: pg.Pool, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work({ db: drizzle(client), client });
    const { command } = await client.query('commit');
    // A transaction that failed answers ROLLBACK here, and no error.
    if (command !== 'COMMIT') throw new Error(`COMMIT answered ${command}`);
    return result;
  } catch (error) {
    // A connection that cannot even roll back is closed, not lent again; PostgreSQL then rolls back by itself.
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
