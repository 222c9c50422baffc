import type { GetColumnData } from 'drizzle-orm';
import { PgColumn } from 'drizzle-orm/pg-core';

/** A column whose values have another form in the domain. */
export interface Converted<Value> {
  readonly column: PgColumn;
  read(data: unknown): Value;
  write(value: Value): unknown;
}

/** Several columns that are one field of the domain, such as a state. */
export interface Group<Value> {
  readonly fields: Fields;
  read(flat: object): Value;
  write(value: Value): object;
}

/** A column with the same value for all rows of a statement: one parameter instead of an array. */
export interface Shared<Value> {
  readonly shared: PgColumn | Converted<Value>;
}

/** A column that gets its value from an SQL expression, so the domain does not have it. */
export interface Computed {
  readonly column: PgColumn;
  /** `row`: the prefix of columns of the new row, '' or 'new.'. */
  expression(row: string): string;
}

export type Field = PgColumn | Converted<unknown> | Group<unknown> | Shared<unknown> | Computed;
/** By their names in the domain, in the order of the columns and parameters. */
export type Fields = Readonly<Record<string, Field>>;

type ValueOf<F> = F extends PgColumn
  ? GetColumnData<F>
  : F extends Converted<infer Value> | Group<infer Value>
    ? Value
    : F extends Shared<unknown>
      ? ValueOf<F['shared']>
      : never;
type NamesOf<F extends Fields, Kind> = { [Name in keyof F]: F[Name] extends Kind ? Name : never }[keyof F];

/** What is read of a row. */
export type Read<F extends Fields> = {
  readonly [Name in Exclude<keyof F, NamesOf<F, Computed>>]: ValueOf<F[Name]>;
};
/** What is written of each row. */
export type Written<F extends Fields> = Omit<Read<F>, NamesOf<F, Shared<unknown>>>;
/** What is written once for all rows. */
export type WrittenOnce<F extends Fields> = Pick<Read<F>, NamesOf<F, Shared<unknown>> & keyof Read<F>>;

export const converted = <Column extends PgColumn, Value>(
  column: Column,
  read: (data: GetColumnData<Column>) => Value,
  write: (value: Value) => GetColumnData<Column>,
): Converted<Value> => ({ column, read, write }) as Converted<Value>;

/** An instant: milliseconds since 1970 in the domain. */
export const millis = <Column extends PgColumn>(column: Column) =>
  converted(
    column,
    (at) => ((at as Date | null)?.getTime() ?? null) as null extends GetColumnData<Column> ? number | null : number,
    (ms) => (ms === null ? null : new Date(ms)) as GetColumnData<Column>,
  );

/** An instant that may never come: null in the database, Infinity in the domain. */
export const millisOrNever = <Column extends PgColumn>(column: Column) =>
  converted(
    column,
    (at) => (at as Date | null)?.getTime() ?? Number.POSITIVE_INFINITY,
    (ms) => (ms === Number.POSITIVE_INFINITY ? null : new Date(ms)) as GetColumnData<Column>,
  );

/** Null in the database, undefined in the domain. */
export const optional = <Column extends PgColumn>(column: Column) =>
  converted(
    column,
    (data) => (data ?? undefined) as Exclude<GetColumnData<Column>, null> | undefined,
    (value) => (value ?? null) as GetColumnData<Column>,
  );

export const shared = <Inner extends PgColumn | Converted<unknown>>(inner: Inner): { readonly shared: Inner } => ({
  shared: inner,
});

export const computed = (column: PgColumn, expression: Computed['expression']): Computed => ({ column, expression });

/** Without functions, the fields of an object of the domain. */
export function group<F extends Fields>(fields: F): Group<Read<F>>;
export function group<F extends Fields, Value>(
  fields: F,
  read: (flat: Read<F>) => Value,
  write: (value: Value) => Read<F>,
): Group<Value>;
export function group(fields: Fields, read: unknown = same, write: unknown = same): Group<unknown> {
  return { fields, read, write } as Group<unknown>;
}

const same = (value: unknown): unknown => value;

/** One column of a mapping, as it is written. */
export interface Leaf {
  readonly kind: 'array' | 'shared' | 'computed';
  readonly column: PgColumn;
  /** Its name in the domain or in its group. */
  readonly name: string;
  readonly group?: { readonly name: string; write(value: unknown): object };
  write?(value: unknown): unknown;
  expression?(row: string): string;
}

export function leavesOf(fields: Fields, group?: Leaf['group']): Leaf[] {
  return Object.entries(fields).flatMap(([name, field]): Leaf[] => {
    const place = { name, ...(group && { group }) };
    if (field instanceof PgColumn) return [{ ...place, kind: 'array', column: field }];
    if ('fields' in field) {
      if (group) throw new Error(`the group ${name} is in another group`);
      return leavesOf(field.fields, { name, write: (value) => field.write(value) });
    }
    if ('shared' in field) return leavesOf({ [name]: field.shared }).map((leaf) => ({ ...leaf, kind: 'shared' }));
    if ('expression' in field) return [{ ...place, ...field, kind: 'computed' }];
    return [{ ...place, kind: 'array', column: field.column, write: field.write }];
  });
}
