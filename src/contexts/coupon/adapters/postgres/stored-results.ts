import { findReplays } from '../../../../platform/idempotency/command-results.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { StoredResults } from '../../application/issue/ports.ts';

export const postgresStoredResults = ({ pool }: Pick<Database, 'pool'>): StoredResults => ({
  find: (commandKeys) => findReplays(pool, commandKeys),
});
