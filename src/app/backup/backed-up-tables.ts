import type pg from 'pg';
import { CONTEXTS, runs } from '../contexts.ts';
import { columnsOf, type Rows, tablesOf } from '../move/copy-table.ts';

/** Tables of the platform whose rows are of no use in another database, with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'platform.rate_limits': 'windows of minutes and hours, which begin anew',
  'platform.replica_beats': 'they measure the replica of their database',
  'platform.context_moves':
    'a database of which a context has left is not backed up, and the others name the database that they came from',
};

/** A restored database has no process yet, so of a node number only what was used up is kept. */
const SOME_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  'platform.node_leases': ['node', 'ids_until_ms'],
};

/** The tables of a database with their columns, each after those that it refers to: of the platform, and of the contexts in `names`. */
export async function backedUpTables(
  client: pg.ClientBase,
  names: readonly string[],
): Promise<readonly Omit<Rows, 'where'>[]> {
  const contexts = CONTEXTS.filter(runs).filter(({ name }) => names.includes(name));
  const found: Omit<Rows, 'where'>[] = [];
  for (const schema of ['platform', ...contexts.map((context) => context.schema)]) {
    for (const table of await tablesOf(client, schema)) {
      if (table in LEFT_OUT) continue;
      found.push({ table, columns: SOME_COLUMNS[table] ?? (await columnsOf(client, table)) });
    }
  }
  return found;
}
