import { getTableColumns, type InferInsertModel, type InferSelectModel } from 'drizzle-orm';
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import { bulkTypeOf } from './bulk-types.ts';
import { type Fields, type Leaf, leavesOf, type Read, type Written, type WrittenOnce } from './mapped-fields.ts';
import { rowReader, type Values } from './row-reader.ts';

declare const selected: unique symbol;
/** A row that was selected by the `columns` of a mapping. Only `read` of that mapping knows what is in it. */
export type Row<F extends Fields> = pg.QueryResultRow & { readonly [selected]?: F };
export type RowOf<Mapping> = Mapping extends TableMapping<PgTable, infer F> ? Row<F> : never;

/**
 * The columns of a table that a part of the code reads or writes, each stated once. Lists of columns, types, parameters and their
 * values follow, in one order. A statement is SQL with these lists in it:
 *
 *     select ${LOT.columns('l')} from point.lots as l
 *     insert into point.lots (${LOT.insertColumns}) select * from unnest(${LOT.arrays()})
 *     update point.lots as l set ${LOT.assignments()} from unnest(${LOT.arrays()}) as new(${LOT.names}) where l.id = new.id
 */
export interface TableMapping<Table extends PgTable, F extends Fields> {
  /** For SELECT: `l.id, l.amount`. */
  columns(alias?: string): string;
  /** Reads a row of `columns`, in addition to the fields of `value`. */
  read(row: Row<F>): Read<F>;
  read<Value extends object>(row: Row<F>, value: Value): Value & Read<F>;

  /** The columns of the arrays, for the rows of `unnest`: `new(id, amount)`. */
  readonly names: string;
  /** The arrays: `$1::bigint[], $2::text[]`. `first`: the number of the first parameter, 1 by default, here and below. */
  arrays(first?: number): string;
  /** The parameters of the shared columns: `$3::timestamptz`. */
  shared(first?: number): string;
  /** For WHERE, true when the shared columns have their values: `id = $1::bigint and note is not distinct from $2::text`. */
  conditions(first?: number): string;
  /** All columns that an INSERT writes. Throws when one is missing that has no default. */
  readonly insertColumns: string;
  /** The values of `insertColumns`: `id, $3::timestamptz, amount`. `row`: the prefix of the arrays' columns, '' (the default) or 'new.'. */
  insertValues(row?: string, first?: number): string;
  /**
   * For all columns that are not in the primary key: `amount = new.amount, paid_at = $3::timestamptz`. `row`: 'new.' by default, because
   * SET has the table's columns too.
   */
  assignments(row?: string, first?: number): string;
  /** The number of parameters, and the parameters: the arrays and shared values. */
  readonly parameters: number;
  values(rows: readonly Written<F>[], ...once: keyof WrittenOnce<F> extends never ? [] : [WrittenOnce<F>]): unknown[];

  /** Reads a row of Drizzle or of `modelColumns`. */
  fromModel(model: InferSelectModel<Table>): Read<F>;
  fromModel<Value extends object>(model: InferSelectModel<Table>, value: Value): Value & Read<F>;
  /** A row for Drizzle to write. Throws when a column is missing that has no default. */
  toModel(value: Read<F>): InferInsertModel<Table>;
}

/** @throws when a column is of another table or is mapped twice */
export function tableMapping<Table extends PgTable, const F extends Fields>(
  table: Table,
  fields: F,
): TableMapping<Table, F> {
  const leaves = leavesOf(fields);
  const { name, schema, primaryKeys } = getTableConfig(table);
  const keys = new Map<PgColumn, string>(Object.entries(getTableColumns(table)).map(([key, column]) => [column, key]));
  const fail = (what: string): never => {
    throw new Error(`the mapping of ${schema}.${name} ${what}`);
  };
  const keyOf = (column: PgColumn) => keys.get(column) ?? fail(`has ${column.name} of another table`);
  const columns = new Set<PgColumn>();
  for (const { column } of leaves) {
    keyOf(column);
    if (columns.has(column)) fail(`has ${column.name} twice`);
    columns.add(column);
  }
  const missing = [...keys.keys()].find((column) => column.notNull && !column.hasDefault && !columns.has(column));
  const requireAll = () => missing && fail(`lacks ${missing.name}`);
  // By name: the columns of a composite key are other objects.
  const primary = new Set(primaryKeys.flatMap((key) => key.columns.map((column) => column.name)));

  const arrays = leaves.filter(({ kind }) => kind === 'array');
  const shared = leaves.filter(({ kind }) => kind === 'shared');
  const parameters = leaves.filter(({ kind }) => kind !== 'computed');
  const list = (of: readonly Leaf[], textOf: (leaf: Leaf) => string): string => of.map(textOf).join(', ');
  const parameter = (leaf: Leaf, first: number): string =>
    `$${first + parameters.indexOf(leaf)}::${bulkTypeOf(leaf.column).sql}${leaf.kind === 'array' ? '[]' : ''}`;
  const newValue = (leaf: Leaf, row: string, first: number): string =>
    leaf.kind === 'array' ? `${row}${leaf.column.name}` : (leaf.expression?.(row) ?? parameter(leaf, first));

  const mapping = {
    columns: (alias?: string) =>
      list(parameters, ({ column }) => (alias === undefined ? column.name : `${alias}.${column.name}`)),
    read: rowReader(fields, (column) => column.name),

    names: list(arrays, ({ column }) => column.name),
    arrays: (first = 1) => list(arrays, (leaf) => parameter(leaf, first)),
    shared: (first = 1) => list(shared, (leaf) => parameter(leaf, first)),
    conditions: (first = 1) =>
      shared.map((leaf) => `${leaf.column.name} ${equals(leaf.column)} ${parameter(leaf, first)}`).join(' and '),
    get insertColumns() {
      requireAll();
      return list(leaves, ({ column }) => column.name);
    },
    insertValues: (row = '', first = 1) => list(leaves, (leaf) => newValue(leaf, row, first)),
    assignments: (row = 'new.', first = 1) =>
      list(
        leaves.filter(({ column }) => !column.primary && !primary.has(column.name)),
        (leaf) => `${leaf.column.name} = ${newValue(leaf, row, first)}`,
      ),
    parameters: parameters.length,
    values: (rows: readonly Values[], once: Values = {}) => {
      const groups = new Map<string, readonly Values[]>();
      return parameters.map(({ kind, column, name, group, write }) => {
        const type = bulkTypeOf(column);
        if (kind === 'shared') return type.one(write ? write(once[name]) : once[name]);
        const from = group ? memoized(groups, group.name, () => rows.map((row) => flat(row, group))) : rows;
        return type.many(from, (row) => row[name], write);
      });
    },

    fromModel: rowReader(fields, keyOf),
    toModel: (value: Values) => {
      requireAll();
      const groups = new Map<string, Values>();
      const model: Values = {};
      for (const { column, name, group, write } of parameters) {
        const from = group ? memoized(groups, group.name, () => flat(value, group)) : value;
        model[keyOf(column)] = write ? write(from[name]) : from[name];
      }
      return model;
    },
  };
  return mapping as unknown as TableMapping<Table, F>;
}

/** All columns of a table under their names in the schema, for `fromModel`: `p.store_id as "storeId"`. */
export const modelColumns = (table: PgTable, alias: string): string =>
  Object.entries(getTableColumns(table))
    .map(([key, { name }]) => `${alias}.${name} as "${key}"`)
    .join(', ');

/** The operator that finds a value of the column. */
const equals = ({ notNull }: PgColumn): string => (notNull ? '=' : 'is not distinct from');

const flat = (row: Values, { name, write }: NonNullable<Leaf['group']>): Values => write(row[name]) as Values;

function memoized<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
