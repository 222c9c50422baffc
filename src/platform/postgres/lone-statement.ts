import type pg from 'pg';
import type { Database } from './database.ts';
import { isServerError, toError } from './failures.ts';
import { askOnce, type Statement } from './group-transaction.ts';
import { settleLostCommit } from './lost-commit.ts';

/**
 * Runs one statement that is a transaction by itself, in one round trip. Resolves with whether it wrote anything.
 *
 * `happened` is asked on another connection, within a transaction, when the connection broke before the answer. The statement may
 * not have started yet. So `happened` takes a lock that the statement needs, looks for what only this statement writes, and when
 * that is absent changes something that the statement's condition compares.
 * @throws RolledBack when it had no effect and will have none; what PostgreSQL refused; OutcomeUnknown
 */
export async function loneStatement(
  database: Database,
  { name, text, values }: Statement,
  happened: (client: pg.ClientBase) => Promise<boolean>,
): Promise<boolean> {
  const client = await database.lanes.connect();
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
  return settleLostCommit(true, broken, (forMs) => askOnce(database, happened, forMs));
}

/** Did PostgreSQL refuse a statement because of a unique index? */
export const isUniqueViolation = (error: unknown): boolean => isServerError(error) && error.code === '23505';
