import type pg from 'pg';
import { lookUpOutcome } from './batch-transaction.ts';
import type { Database } from './database.ts';
import { isServerError, toError } from './failures.ts';
import { settleLostCommit } from './lost-commit.ts';
import type { Statement } from './statement.ts';

/**
 * Runs one statement that is a transaction by itself, in one round trip. Returns whether it wrote anything.
 *
 * `wasCommitted` runs on another connection, within a transaction, when the connection broke before the response. The statement may
 * not have started yet. So `wasCommitted` takes a lock that the statement needs, looks for what only this statement writes, and when
 * that is absent changes something that the statement's condition compares.
 * @throws RolledBack when it had no effect and will have none; what PostgreSQL refused; OutcomeUnknown
 */
export async function loneStatement(
  database: Database,
  { name, text, values }: Statement,
  wasCommitted: (client: pg.ClientBase) => Promise<boolean>,
): Promise<boolean> {
  const client = await database.batchPool.connect();
  let broken: Error | undefined;
  try {
    const { rowCount } = await client.query({ name, text, values: values as unknown[] });
    return rowCount !== 0;
  } catch (error) {
    if (isServerError(error)) throw error;
    broken = toError(error);
  } finally {
    client.release(broken);
  }
  return settleLostCommit(true, broken, (forMs) => lookUpOutcome(database, wasCommitted, forMs));
}
