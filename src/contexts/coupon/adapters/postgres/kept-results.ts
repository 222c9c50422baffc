import { readResults, replaysIn } from '../../../../platform/idempotency/command-results.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { KeptResults } from '../../application/ports.ts';

export const postgresKeptResults = ({ pool }: Pick<Database, 'pool'>): KeptResults => ({
  async find(commandKeys) {
    const { name, text, values } = readResults(commandKeys);
    return commandKeys.map(replaysIn(await pool.query({ name, text, values: [...values] })));
  },
});
