import { asAdmin } from '../support/postgres.ts';

/** With indexes. What updates have left behind counts, as it does in operation. */
export const databaseBytes = (databaseUrl: string): Promise<number> =>
  numberIn(databaseUrl, 'select pg_database_size(current_database()) as n');

/** The column `n` of the only row of a query. */
export const numberIn = (databaseUrl: string, query: string): Promise<number> =>
  asAdmin(databaseUrl, async (client) => {
    const { rows } = await client.query<{ n: string }>(query);
    return Number(rows[0]?.n);
  });
