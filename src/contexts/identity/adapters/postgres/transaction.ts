import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { inTransaction as inPlainTransaction } from '../../../../platform/postgres/transaction.ts';

export interface Transaction {
  readonly db: NodePgDatabase;
  /** For SQL of the platform, such as the outbox's. */
  readonly client: pg.PoolClient;
}

/** The platform's transaction, with Drizzle on its connection. */
export const inTransaction = <T>(pool: pg.Pool, work: (transaction: Transaction) => Promise<T>): Promise<T> =>
  inPlainTransaction(pool, (client) => work({ db: drizzle(client), client }));
