import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

export interface Rows {
  /** Quoted, with its schema. */
  readonly table: string;
  /** Quoted, without generated ones. */
  readonly columns: readonly string[];
  readonly where: string;
}
export interface Sum {
  readonly rows: string;
  /** The sum of a hash of each row. */
  readonly sum: string;
}

/** Both sessions write the same values as the same text. */
export const SAME_TEXT = `set timezone = 'UTC'; set datestyle = 'ISO'; set extra_float_digits = 1; set bytea_output = 'hex'; set intervalstyle = 'iso_8601'`;

/** One session waits while the other one works, for as long as the rows need. PostgreSQL 16 and older have no transaction_timeout. */
export const NO_LIMITS = `
  select set_config(name, '0', false) from pg_settings
  where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`;

const COLUMNS = `
  select array_agg(quote_ident(attname) order by attname) as columns from pg_attribute
  where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`;

export async function columnsOf(client: pg.ClientBase, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ columns: string[] | null }>(COLUMNS, [table]);
  return rows[0]?.columns ?? [];
}

/** The tables of a schema, each after those that it refers to. */
export async function tablesOf(client: pg.ClientBase, schema: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string; needs: string[] }>(TABLES, [schema]);
  const ordered: string[] = [];
  const left = new Map(rows.map(({ name, needs }) => [name, needs]));
  while (left.size > 0) {
    const ready = [...left].filter(([, needs]) => needs.every((name) => !left.has(name))).map(([name]) => name);
    if (ready.length === 0) throw new Error(`the foreign keys of ${[...left.keys()].join(', ')} form a circle`);
    for (const name of ready) {
      ordered.push(name);
      left.delete(name);
    }
  }
  return ordered;
}

const TABLES = `
  select format('%I.%I', $1::text, relname) as name, coalesce((
    select array_agg(distinct format('%I.%I', n.nspname, r.relname)) from pg_constraint as k
      join pg_class as r on r.oid = k.confrelid join pg_namespace as n on n.oid = r.relnamespace
    where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> k.conrelid), '{}') as needs
  from pg_class as c where relkind = 'r' and relnamespace = to_regnamespace(quote_ident($1)) order by relname`;

/** Copies rows to the table of the same name, or to `into`. */
export async function copyRows(
  source: pg.ClientBase,
  target: pg.ClientBase,
  { table, columns, where }: Rows,
  into = table,
): Promise<void> {
  const list = columns.join(', ');
  const out = source.query(copyTo(`copy (select ${list} from ${table} where ${where}) to stdout`));
  const inward = target.query(copyFrom(`copy ${into} (${list}) from stdin`));
  await pipeline(out, inward);
}

/** What rows are, in any order. */
export async function sumOf(client: pg.ClientBase, { table, columns, where }: Rows): Promise<Sum> {
  const { rows } = await client.query<Sum>(
    `select count(*)::text as rows, coalesce(sum(hashtextextended(row(${columns.join(', ')})::text, 0)), 0)::text as sum
     from ${table} where ${where}`,
  );
  return rows[0] ?? { rows: '0', sum: '0' };
}

const SEQUENCES = `
  select pg_get_serial_sequence($1, attname) as sequence from pg_attribute
  where attrelid = $1::regclass and attnum > 0 and not attisdropped and pg_get_serial_sequence($1, attname) is not null`;

/** Where a source of numbers for new rows is. */
export interface Sequence {
  /** Quoted, with its schema. */
  readonly name: string;
  readonly last: string;
  /** False: the next row gets `last` itself. */
  readonly isUsed: boolean;
}

/** The sequences of a table, as they are now: no snapshot contains them. */
export async function sequencesOf(client: pg.ClientBase, table: string): Promise<readonly Sequence[]> {
  const { rows } = await client.query<{ sequence: string }>(SEQUENCES, [table]);
  const found: Sequence[] = [];
  for (const { sequence: name } of rows) {
    const [state] = (
      await client.query<Omit<Sequence, 'name'>>(`select last_value::text as last, is_called as "isUsed" from ${name}`)
    ).rows;
    if (state !== undefined) found.push({ name, ...state });
  }
  return found;
}

/** Makes the numbers that the database gives to new rows go on where they were. */
export async function setSequences(client: pg.ClientBase, sequences: readonly Sequence[]): Promise<void> {
  for (const { name, last, isUsed } of sequences) await client.query('select setval($1, $2, $3)', [name, last, isUsed]);
}
