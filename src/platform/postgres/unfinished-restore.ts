import type pg from 'pg';
import { StartError } from '../kernel/start-error.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** The schema that exists from the first statement of a restore until it is complete. A schema, because before the first migration there is no table for it. */
export const RESTORE_MARK = 'stampede_restore';

/** Returns whether a restore into this database has begun and is not complete. */
export async function isRestoreUnfinished(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `select to_regnamespace('${RESTORE_MARK}') is not null as found`,
  );
  return rows[0]?.found === true;
}

/** @throws StartError when a restore into this database is not complete: it may have tables without their rows */
export async function assertRestored(client: Queryable): Promise<void> {
  if (!(await isRestoreUnfinished(client))) return;
  throw new StartError(
    'A restore into this database has not finished. Wait for it; if it was interrupted, run stampede restore again, which starts from the beginning.',
  );
}
