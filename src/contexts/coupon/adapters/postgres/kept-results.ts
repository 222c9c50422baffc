import { findReplays } from '../../../../platform/idempotency/command-results.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { KeptResults } from '../../application/ports.ts';

export const postgresKeptResults = ({ pool }: Pick<Database, 'pool'>): KeptResults => ({
  find: (commandKeys) => findReplays(pool, commandKeys),
});
